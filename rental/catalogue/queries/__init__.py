"""Reads of the catalogue."""

from rental.catalogue.queries.export import category_item as category_item
from rental.catalogue.queries.export import export as export
from rental.catalogue.queries.export import kind_item as kind_item
from rental.catalogue.queries.finding import categories as categories
from rental.catalogue.queries.finding import category as category
from rental.catalogue.queries.finding import forget as forget
from rental.catalogue.queries.finding import kind as kind
from rental.catalogue.queries.finding import kind_by_id as kind_by_id
from rental.catalogue.queries.finding import kinds as kinds
from rental.catalogue.queries.finding import like_kinds as like_kinds
from rental.catalogue.queries.finding import needs as needs
from rental.catalogue.queries.loading import guidance as guidance
from rental.catalogue.queries.views import AccessoryView as AccessoryView
from rental.catalogue.queries.views import CategoryNotFound as CategoryNotFound
from rental.catalogue.queries.views import CategoryView as CategoryView
from rental.catalogue.queries.views import ConsumableView as ConsumableView
from rental.catalogue.queries.views import KindNotFound as KindNotFound
from rental.catalogue.queries.views import KindView as KindView
from rental.catalogue.queries.views import NeedView as NeedView
