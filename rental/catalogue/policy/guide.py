"""A short how-to-use guide of a kind, composed from what its category says. Pure."""

from dataclasses import dataclass

from rental.catalogue.policy.classes import Fitting, Hygiene, wants_showing
from rental.foundation.words import Named

_FIRST = {
    Fitting.F0: Named("拿到就能用。第一次用之前，先把说明看一遍。",
                      "Ready to use. Read the instructions once before you begin."),
    Fitting.F1: Named("取件时在窗口量好尺寸、调好高度。回家后觉得不合适，请打电话，不要自己拆。",
                      "We measure you and adjust it at the desk. If it doesn't fit at home, "
                      "call us; don't take it apart."),
    Fitting.F2: Named("借之前由康复师评估，并教会您和照护的人。没有学会，先不要用。",
                      "A therapist assesses you first and teaches you and your carer. "
                      "Don't use it before you have learnt how."),
}  # fmt: skip

_SHOW = Named("第一次用之前请工作人员演示一遍，照着做一次再带走。",
              "Before the first use, have our staff show you how, and try it once yourself "
              "before you take it home.")  # fmt: skip

_CARE = {
    Hygiene.H1: Named("脏了用湿布擦干净，不要用开水烫。",
                      "Wipe it with a damp cloth; no boiling water."),
    Hygiene.H2: Named("外套可以拆下来洗，晾干再装回去。垫芯不要水洗。",
                      "The cover comes off for washing; dry it before putting it back. "
                      "Don't wash the core."),
    Hygiene.H3: Named("每天倒净、冲洗、晾干。",
                      "Empty, rinse and dry it every day."),
    Hygiene.H4: Named("贴身的部件一人一套，用完自己留着或扔掉，不要给别人用。",
                      "Parts that touch the body are yours alone; never share them."),
    Hygiene.H5: Named("通电的部分不能水洗，先拔插头，再用拧干的布擦。",
                      "Never wash electric parts: unplug, then wipe with a well-wrung cloth."),
}  # fmt: skip

_END = Named("用着不舒服、有响声、松动或坏了，马上停用，打电话给我们，换一件或上门修，不收钱。",
             "If it hurts, rattles, comes loose or breaks, stop using it and call us: we swap or "
             "repair it free of charge.")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """What a category says that matters to the user."""

    fit: Fitting
    hygiene: Hygiene
    accessories: tuple[tuple[Named, int], ...]
    consumables: tuple[Named, ...]


def compose(kind: Named, said: Guidance) -> Named:
    """Return the guide in both languages: one sentence or two a line.

    Fit first, then the kit to check, what isn't returned, care, whom to call. Pages show the
    caution apart.
    """
    first = _SHOW if wants_showing(said.fit, said.hygiene) else _FIRST[said.fit]
    zh = [
        f"{kind.zh}：{first.zh}",
        _kit_zh(said.accessories),
        _scrapped_zh(_own(said)),
        _CARE[said.hygiene].zh,
        _END.zh,
    ]
    en = [
        f"{kind.en[:1].upper()}{kind.en[1:]}: {first.en}",
        _kit_en(said.accessories),
        _scrapped_en(_own(said)),
        _CARE[said.hygiene].en,
        _END.en,
    ]
    return Named("\n".join(filter(None, zh)), "\n".join(filter(None, en)))


def _kit_zh(accessories: tuple[tuple[Named, int], ...]) -> str:
    if not accessories:
        return ""
    parts = "、".join(f"{name.zh} {count} 件" for name, count in accessories)
    return f"拿到时点一点：{parts}。归还时一件不少带回来。"


def _kit_en(accessories: tuple[tuple[Named, int], ...]) -> str:
    if not accessories:
        return ""
    parts = ", ".join(f"{name.en} × {count}" for name, count in accessories)
    return f"Check what comes with it: {parts}. Bring all of it back."


def _own(said: Guidance) -> tuple[Named, ...]:
    """Return the consumables that stay with the user: those that touch body or airway.

    Brake pads and tyres are consumables too, but the workshop's, not the borrower's.
    """
    return said.consumables if said.hygiene in {Hygiene.H3, Hygiene.H4} else ()


def _scrapped_zh(consumables: tuple[Named, ...]) -> str:
    if not consumables:
        return ""
    return f"{'、'.join(name.zh for name in consumables)}是一次性或专人专用的，不用还。"


def _scrapped_en(consumables: tuple[Named, ...]) -> str:
    if not consumables:
        return ""
    return f"Yours to keep, not to return: {', '.join(name.en for name in consumables)}."
