"""The fictional people of the demonstration. Every name, number and address is invented."""

from __future__ import annotations

from typing import Final

PASSWORD: Final = "shangmen123"  # noqa: S105 - public on purpose: it opens only the demonstration's fictional data
UNITS: Final = (
    ("station", "旗12345接诉即办工作站", 1),
    ("housing", "住房和城乡建设局", 2),
    ("river", "清河街道办事处", 2),
    ("heat", "供热服务中心", 3),
    ("village", "北滩村民委员会", 4),
)
PEOPLE: Final = (
    ("liaison", "乔安和", "13800000001", (("river", "liaison", "A"),)),
    ("liaison_b", "宋玉成", "13800000002", (("river", "liaison", "B"),)),
    ("leader", "贺云山", "13800000003", (("river", "leader", None),)),
    ("station", "白雪梅", "13800000004", (("station", "station", None),)),
    ("supervisor", "方正明", "13800000005", (("station", "supervisor", None),)),
    ("admin", "程立言", "13800000006", (("station", "admin", None), ("station", "station", None))),
    ("heat_liaison", "孟和平", "13800000007", (("heat", "liaison", "A"),)),
    ("heat_leader", "石向东", "13800000008", (("heat", "leader", None),)),
    ("housing_liaison", "杜若飞", "13800000009", (("housing", "liaison", "A"),)),
    ("housing_leader", "康志远", "13800000010", (("housing", "leader", None),)),
)
TITLES: Final = {
    "liaison": "联络员（A角） · 清河街道办事处",
    "liaison_b": "联络员（B角） · 清河街道办事处",
    "leader": "分管领导 · 清河街道办事处",
    "station": "工作站",
    "supervisor": "督查",
    "admin": "管理员",
    "heat_liaison": "联络员 · 供热服务中心",
}
ACCOUNTS: Final = [
    {"role": TITLES[key], "name": name, "phone": phone, "password": PASSWORD}
    for key, name, phone, _ in PEOPLE
    if key in TITLES
]
