"""English of the cautions, which the data file holds in Chinese only. Pure."""

_ENGLISH = {
    "面罩、雾化杯、导管一人一套，不回收。":
        "Mask, nebuliser cup and tube are for one person only; they are not taken back.",
    "须有医生的用氧流量医嘱；远离明火。":
        "A doctor must have prescribed the oxygen flow. Keep away from open flames.",
    "与护理床尺寸配套；使用者体重不超过床垫承重。":
        "Must match the size of the bed. The user must not exceed the mattress's load limit.",
    "首次使用须有康复师指导。": "A therapist must be with you the first time.",
    "须经评估；使用时有人看护。": "Needs an assessment. Somebody must stay with the user.",
    "归还时恢复出厂设置，清除个人资料。":
        "Reset it before returning it, so that no personal data stays on it.",
    "须经评估适配；内衬一人一套。":
        "Needs an assessment and fitting. Linings are for one person only.",
    "使用者体重不超过承重。": "The user must not exceed the load limit.",
    "一副两支，一起借还。": "A pair: both are lent and returned together.",
    "借出前检查刹车。": "The brakes are checked before hand-over.",
    "须经评估。": "Needs an assessment.",
    "操作者须经培训合格；先查看楼梯。":
        "Only trained people may operate it. The stairs are inspected first.",
    "一般承重不超过 100 公斤；座宽须合身。":
        "Usually for users up to 100 kg. The seat must fit the user's width.",
    "须经评估和驾驶练习；最高时速不超过 15 公里。":
        "Needs an assessment and driving practice. Never faster than 15 km/h.",
    "滑移布一人专用或换洗后再用。": "A slide sheet is for one person, or washed before the next.",
    "吊兜单独编号；承重检验在有效期内；照护者须经培训。":
        "Slings are numbered one by one. The load test must be in date. Carers must be trained.",
    "照护者须经培训。": "Carers must be trained.",
    "上门安装；先量门宽和房间。": "Installed at home. Door and room are measured first.",
    "上门安装；电气安全检验在有效期内。":
        "Installed at home. The electrical safety test must be in date.",
    "检查夹缝，防止卡住。": "Check the gaps so that nobody gets trapped.",
    "坡长按台阶高度计算；轮椅连同使用者不超过承重。":
        "The ramp's length follows from the height of the step. Wheelchair and user together must "
        "not exceed the load limit.",
    "归还时清除存储的图片。": "Delete stored pictures before returning it.",
    "须经听力评估；耳塞耳模一人一套。":
        "Needs a hearing assessment. Ear tips and moulds are for one person only.",
    "归还时清除紧急联系人和电话卡。": "Delete emergency contacts and take out the SIM card before "
        "returning it.",
}  # fmt: skip


def in_english(caution_zh: str) -> str:
    """Return the caution in English, or the Chinese one when no translation is known."""
    return _ENGLISH.get(caution_zh, caution_zh)
