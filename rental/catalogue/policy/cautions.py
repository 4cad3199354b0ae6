"""What the cautions of the data file mean to whoever takes the device home. Pure.

The file words them for the trade (借出前检查刹车); at the counter one says them otherwise.
"""

from rental.foundation.words import Named

_SAID = {
    "面罩、雾化杯、导管一人一套，不回收。": Named(
        "面罩、雾化杯、导管只给您一个人用，用完不用还。",
        "Mask, nebuliser cup and tube are for you alone and need not be returned.",
    ),
    "须有医生的用氧流量医嘱；远离明火。": Named(
        "按医生写明的流量吸氧，不要自己调；旁边不能抽烟、点火。",
        "Use the flow your doctor wrote down, no other. No smoking and no flames nearby.",
    ),
    "与护理床尺寸配套；使用者体重不超过床垫承重。": Named(
        "要和床一样大；体重不要超过床垫的承重。",
        "It must be as large as the bed. Don't exceed the mattress's load limit.",
    ),
    "首次使用须有康复师指导。": Named(
        "第一次用，要有康复师在旁边教。", "A therapist must be with you the first time."
    ),
    "须经评估；使用时有人看护。": Named(
        "康复师评估以后才能用；用的时候身边要有人。",
        "Use it only after a therapist's assessment, and with somebody beside you.",
    ),
    "归还时恢复出厂设置，清除个人资料。": Named(
        "还之前请删掉自己的资料；不会弄，我们来帮您。",
        "Delete your data before returning it; we help if you don't know how.",
    ),
    "须经评估适配；内衬一人一套。": Named(
        "康复师量好调好以后才能用；内衬只给您一个人用。",
        "Use it only after it was fitted. The lining is for you alone.",
    ),
    "使用者体重不超过承重。": Named("体重不要超过承重。", "Don't exceed the load limit."),
    "一副两支，一起借还。": Named("一副两支，请一起还。", "It is a pair: return both together."),
    "借出前检查刹车。": Named(
        "每次用之前捏一捏刹车，刹不住就不要用。",
        "Try the brakes each time before you use it. If they don't hold, don't use it.",
    ),
    "须经评估。": Named("康复师评估以后才能用。", "Use it only after a therapist's assessment."),
    "操作者须经培训合格；先查看楼梯。": Named(
        "只有学会的人才能操作；我们先来看楼梯。",
        "Only people who were trained may operate it. We look at the stairs first.",
    ),
    "一般承重不超过 100 公斤；座宽须合身。": Named(
        "体重一般不要超过 100 公斤；座位宽窄要合身。",
        "Usually for up to 100 kg. The seat must fit your width.",
    ),
    "须经评估和驾驶练习；最高时速不超过 15 公里。": Named(
        "康复师评估、练会了才能开；慢慢开，不要超过每小时 15 公里。",
        "Drive it only after an assessment and practice, and never faster than 15 km/h.",
    ),
    "滑移布一人专用或换洗后再用。": Named(
        "滑移布只给您一个人用。", "The slide sheet is for you alone."
    ),
    "吊兜单独编号；承重检验在有效期内；照护者须经培训。": Named(
        "照护的人学会了才能用；吊兜有破口、开线就不要用。",
        "Only carers who were trained may use it. Don't use a sling that is torn or frayed.",
    ),
    "照护者须经培训。": Named("照护的人学会了才能用。", "Only carers who were trained may use it."),
    "上门安装；先量门宽和房间。": Named(
        "我们上门安装；请先量一量门和房间够不够大。",
        "We install it at your home. Measure door and room first.",
    ),
    "上门安装；电气安全检验在有效期内。": Named(
        "我们上门安装；电线破了、插头发烫，马上拔下来打电话。",
        "We install it at your home. If a cable is torn or the plug gets hot, unplug it and call.",
    ),
    "检查夹缝，防止卡住。": Named(
        "看好床和护栏之间的缝，小心头和手卡住。",
        "Mind the gaps between bed and rail: a head or hand can get trapped.",
    ),
    "坡长按台阶高度计算；轮椅连同使用者不超过承重。": Named(
        "台阶越高，要的坡道越长；轮椅和人加起来不要超过承重。",
        "The higher the step, the longer the ramp. Wheelchair and user together must not exceed "
        "the load limit.",
    ),
    "归还时清除存储的图片。": Named(
        "还之前请删掉里面的图片。", "Delete the stored pictures before returning it."
    ),
    "须经听力评估；耳塞耳模一人一套。": Named(
        "测过听力才能用；耳塞、耳模只给您一个人用。",
        "Use it only after a hearing test. Ear tips and moulds are for you alone.",
    ),
    "归还时清除紧急联系人和电话卡。": Named(
        "还之前请取出电话卡，删掉紧急联系人。",
        "Take out the SIM card and delete the emergency contacts before returning it.",
    ),
}


def for_borrowers(caution_zh: str) -> Named:
    """Return the caution as one says it to a borrower; as it is when it has no such wording."""
    return _SAID.get(caution_zh, Named(caution_zh, caution_zh))
