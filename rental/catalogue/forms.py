"""Forms of the catalogue's pages."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import StringField

from rental.web.forms import AtMost, Form, LongTextField

LONGEST_GUIDE = 4000


class GuideForm(Form):
    """A kind's guide in both languages; empty means composed."""

    zh = LongTextField(_l("中文说明"), [AtMost(LONGEST_GUIDE)])
    en = LongTextField(_l("英文说明"), [AtMost(LONGEST_GUIDE)])


class UploadForm(Form):
    """A data file to look at."""

    file = FileField(_l("目录文件（JSON）"), [FileRequired(_l("请先选择一个目录文件。"))])


class ConfirmForm(Form):
    """The data file that was looked at, and what it was said to change."""

    text = StringField()
    expected = StringField()
