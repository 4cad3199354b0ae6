"""What people call the devices at a counter, beside the names of the data file. Pure.

The file has the trade's names (多脚手杖, 供氧器); people ask for 四脚拐 and 氧气机.
"""

_CATEGORIES = {
    "inhaler": "雾化机 雾化 喷雾器 喷雾机 吸药机 nebulizer",
    "oxygen": "氧气机 吸氧机 制氧机 吸氧 氧气 氧气瓶 氧气罐 oxygen machine",
    "pressure-cushion": (
        "褥疮垫 褥疮 压疮垫 防褥疮坐垫 坐垫 气垫 屁股垫 轮椅垫 bedsore cushion|pressure sore"
    ),
    "positioning-cushion": "翻身垫 翻身枕 三角垫 三角枕 靠垫 靠枕 侧卧枕 垫腿枕 wedge pillow",
    "pressure-mattress": (
        "气垫床 褥疮垫 褥疮床垫 褥疮 防褥疮床垫 压疮垫 充气床 波动床垫 翻身床垫 air bed|bedsore"
    ),
    "exercise-cycle": "健身车 康复车 康复自行车 单车 脚踏车 脚蹬车 蹬腿机 exercise bike|pedals",
    "standing-frame": "站架 站立器 练站 练站立 standing aid",
    "hand-trainer": "练手 手指训练器 手部训练 抓握 握力 手功能 hand exerciser",
    "limb-trainer": "练胳膊 练腿 练脚 康复器材 康复训练 健身器材 exercise machine",
    "memory-trainer": "记性 健忘 益智 老年痴呆 痴呆 失智 认知 brain games|dementia",
    "leg-orthosis": "支具 护具 夹板 固定器 固定支具 骨折 brace|splint",
    "commode": "坐便器 座便椅 马桶椅 马桶 移动马桶 便盆椅 便盆 便桶 厕所椅 大便椅 toilet chair",
    "raised-toilet-seat": "马桶增高器 马桶增高垫 马桶加高 马桶垫 马桶 增高垫 toilet riser",
    "toilet-rail": "马桶扶手 马桶架 马桶 厕所扶手 卫生间扶手 起身架 grab rail",
    "bath-board": "浴缸板 洗澡板 坐浴板 浴缸 bath seat",
    "shower-chair": "洗澡椅 洗澡椅子 洗澡凳 洗澡凳子 淋浴椅 淋浴凳 沐浴椅 冲凉椅 浴凳 bath chair",
    "bathing-bed": "洗澡床 浴床 躺着洗澡 床上洗澡 充气浴缸 bath bed",
    "walking-stick": "拐杖 拐棍 拐 手拐 单拐 拄拐 老人拐 拐棒 手棍 cane",
    "elbow-crutch": "拐杖 拐棍 拐 单拐 双拐 拄拐 手拐 前臂拐 臂拐 crutches",
    "axillary-crutch": "拐杖 拐棍 拐 单拐 双拐 拄拐 腋下拐 腋杖 胳肢窝拐 骨折 crutches",
    "quad-stick": (
        "拐杖 拐棍 拐 多脚拐 多角拐 四脚拐 四脚拐杖 四脚拐棍 四角拐 四爪拐 三脚拐 三角拐 quad cane"
    ),
    "walking-frame": "助步器 助行架 助行器 步行器 走路架 四脚架 扶着走 walker|zimmer frame",
    "rollator": "助步器 助步车 助行车 助行器 步行器 步行车 学步车 手推车 老人推车 买菜车 walker",
    "walking-table": "助步器 助行器 步行器 学步车 走路架 walker",
    "stair-climber": "爬楼机 爬楼车 爬楼轮椅 爬楼 上楼机 上楼 上下楼 下楼 stairs",
    "manual-wheelchair": "轮椅车 手推轮椅 手摇轮椅 推车 代步 wheel chair",
    "attendant-wheelchair": "轮椅车 手推轮椅 推车 wheel chair",
    "power-wheelchair": "电轮椅 电瓶轮椅 轮椅车 代步车 电动车 代步 electric wheelchair",
    "transfer-aid": "过床板 过床垫 过床易 移位板 移位垫 滑板 滑布 翻身布 翻身单 slide board",
    "sling-hoist": "移位器 吊机 吊架 吊人机 抱人机 搬人 抱人 护理吊机 patient lift",
    "seat-hoist": "移位器 移位车 移位椅 抱人机 搬人 抱人 patient lift",
    "white-cane": "盲人拐杖 盲人棍 导盲杖 导盲棍 盲棍 盲人 失明 blind",
    "bed-table": "床上桌 床桌 小桌板 桌板 餐桌 饭桌 吃饭桌 床头桌 护理桌 overbed table",
    "manual-bed": "病床 医院床 医用床 老人床 瘫痪床 摇床 摇把床 翻身床 hospital bed|nursing bed",
    "electric-bed": "病床 医院床 医用床 老人床 瘫痪床 电动床 翻身床 hospital bed|nursing bed",
    "bed-rail": "床扶手 床护栏 护栏 床栏 床边扶手 床档 床挡 起床扶手 起身器 起身架 bedside rail",
    "ramp": "斜坡 斜坡板 坡板 台阶板 台阶 门槛 门槛板 轮椅坡道 无障碍坡道 steps",
    "magnifier": "放大镜 看报 看字 看书 眼花 低视力 magnifying glass",
    "video-magnifier": "电子放大镜 放大镜 看书机 阅读器 看报 看字 看书 低视力 reading aid",
    "hearing-aid": "助听机 助听 耳机 耳背 耳聋 听力 听不见 听不清 hearing loss|deaf",
    "alarm": "呼救器 呼叫器 呼叫铃 报警器 求救 求救器 紧急呼叫 按铃 摔倒 跌倒 panic button|sos",
    "reacher": "取物夹 拾物器 捡拾器 拾取器 捡东西 够东西 夹子 长夹子 grabber|litter picker",
}

_KINDS = {
    "ankle-foot-orthosis": "护踝 脚踝 足托 脚托 足下垂 ankle brace",
    "adjustable-knee-orthosis": "护膝 膝盖 膝盖支具 knee brace",
    "hip-orthosis": "髋关节 护髋 hip brace",
    "overhead-pulley": "拉力器 滑轮 吊环 拉环",
    "shoulder-wheel": "肩轮 肩膀 肩周炎",
    "reclining-high-back-wheelchair": "高背轮椅 半躺轮椅 全躺轮椅 躺式轮椅",
    "commode-wheelchair": "马桶轮椅 带马桶轮椅 便桶轮椅 马桶",
    "transit-wheelchair": "小轮轮椅 小轮椅 旅行轮椅",
    "call-button": "一键呼救 呼叫按钮 按钮",
    "fall-alarm-wristband": "手环 手表 防摔手环",
}


def counter_words(*, category: str, kind: str) -> tuple[str, ...]:
    """Return what people call a kind of the category; nothing for those that nobody has listed."""
    return (*_split(_CATEGORIES.get(category, "")), *_split(_KINDS.get(kind, "")))


def _split(line: str) -> list[str]:
    """Return the Chinese words one by one, then the English names, which hold spaces."""
    words = line.split()
    chinese = [word for word in words if not word.isascii()]
    english = " ".join(word for word in words if word.isascii())
    return [*chinese, *filter(None, english.split("|"))]
