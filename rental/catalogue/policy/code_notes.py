"""What the data file's notes about differing code numbers say, in both languages. Pure.

The file words them in English; (A), (M) and C are its own marks and stay.
"""

from rental.foundation.words import Named

_ZH = {
    "same": "编号相同",
    "same in 2022": "2022 版编号相同",
    "same in every edition": "各版编号都相同",
    "2022 = 04 03 12 (A)": "2022 版为 04 03 12（A）",
    "2022 = 04 48 30 (A)": "2022 版为 04 48 30（A）",
    "2022 = 04 48 09; 04 48 12 there means arm/trunk/leg devices (A)": (
        "2022 版为 04 48 09；那一版的 04 48 12 是上肢、躯干、下肢训练器械（A）"
    ),
    "2022 = 04 48 12; 04 48 15 there = biofeedback (A)": (
        "2022 版为 04 48 12；那一版的 04 48 15 是生物反馈（A）"
    ),
    "2022 = 04 26 03 (A)": "2022 版为 04 26 03（A）",
    "custom-made orthoses excluded": "不含定制的矫形器",
    "2022 splits 09 12 21 (no wheels)/09 12 24 (wheels) (A)": (
        "2022 版分成 09 12 21（无轮）和 09 12 24（有轮）（A）"
    ),
    "09 12 12 in 2022 = armrests mounted on toilet (A)": (
        "2022 版的 09 12 12 是装在坐便器上的扶手（A）"
    ),
    "2022 = 09 12 12 / 09 12 15 (A)": "2022 版为 09 12 12 或 09 12 15（A）",
    "C prints 09 33 03 for all bath seating (2007 layout); 2022 bath board = 09 33 03 (A)": (
        "C 把洗浴坐具都写作 09 33 03（2007 版的分法）；2022 版浴室坐板为 09 33 03（A）"
    ),
    "C prints 09 33 03; 2022 splits 06/08/09 (A)": ("C 写作 09 33 03；2022 版分成 06、08、09（A）"),
    "2007-16 and 2022 agree; C lists 3/4-leg sticks here too": (
        "2007 到 2016 版与 2022 版一致；C 把三脚、四脚手杖也列在这里"
    ),
    "C files these under 12 03 03": "C 列在 12 03 03",
    "12 17 03 in 2022 = stand-on motorised vehicles; "
    "powered stair transporters sit under 12 17 (A)": (
        "2022 版的 12 17 03 是站立式机动车；电动爬楼梯装置在 12 17 下（A）"
    ),
    "C prints 12 23 03 (电动轮椅车); 2016 split 03/06 by steering type (M)": (
        "C 写作 12 23 03（电动轮椅车）；2016 版按转向方式分成 03 和 06（M）"
    ),
    "C files transfer board under 05 33 09": "C 把移乘板列在 05 33 09",
    "stand-up hoist = 12 36 04 in 2022 (A)": "站立移位机在 2022 版为 12 36 04（A）",
    "2022 = 12 08 03 guide canes (A)": "2022 版为 12 08 03 盲杖（A）",
    "C has 床旁扶手/床护栏 under 18 10 09; entrapment risk check": (
        "C 把床旁扶手、床护栏列在 18 10 09；要检查夹缝，防止卡住"
    ),
    "2014 code not in C sheet": "C 里没有 2014 版的编号",
    "2022 = 22 29 06 (A)": "2022 版为 22 29 06（A）",
}


def code_note_said(note: str) -> Named:
    """Return the note in both languages; as it is when it has no wording here."""
    return Named(_ZH.get(note, note), note)
