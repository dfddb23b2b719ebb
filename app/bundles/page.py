"""The page in a bundle that people read and print: no scripts, nothing from outside, everything escaped. Pure."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from app import clock
from app.bundles.manifest import File

if TYPE_CHECKING:
    from app.bundles.contents import Contents
    from app.bundles.make import Order

_STYLE: Final = """
:root{color-scheme:light}body{font:15px/1.6 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;
margin:0 auto;max-width:60rem;padding:1.5rem;color:#1a1d21;background:#fff}
h1{font-size:1.5rem;margin:0 0 .25rem}h2{font-size:1.15rem;margin:2rem 0 .5rem;border-bottom:2px solid #1f5fbf;
padding-bottom:.2rem}p{margin:.4rem 0}table{border-collapse:collapse;width:100%}th,td{border:1px solid #c9ced6;
padding:.3rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}th{background:#eef2f7;font-weight:600}
.facts th{width:8.5rem}code{font:12px/1.5 ui-monospace,Consolas,monospace;overflow-wrap:anywhere}
.piece{border:1px solid #c9ced6;border-radius:6px;padding:.75rem;margin:.75rem 0;break-inside:avoid;display:flex;
gap:1rem}.piece img{max-width:11rem;max-height:15rem;align-self:flex-start}.piece>div{min-width:0;flex:1}
.note{background:#fff8e1;border-left:4px solid #c98a00;padding:.5rem .75rem}.soft{color:#565e68}
@media (max-width:40rem){.piece{display:block}}@media print{body{padding:0;max-width:none;font-size:11pt}
h2{break-after:avoid}tr{break-inside:avoid}a{color:inherit;text-decoration:none}}
"""
_PHASE: Final = {"before": "办理前", "after": "办理后", "call": "通话", "visit": "上门", "other": "其他"}
_KIND: Final = {"photo": "照片", "audio": "录音", "document": "材料"}
_SOURCE: Final = {
    "camera": "现场拍摄",
    "recorder": "现场录音",
    "gallery": "相册导入（未验证）",
    "file": "文件导入（未验证）",
}
_STATE: Final = {
    "declared": "已登记，文件尚未上传", "received": "已收到，尚未处理", "ready": "已收到", "rejected": "无法使用",
    "withdrawn": "已撤回",
}  # fmt: skip


def render(contents: Contents, order: Order, files: Mapping[str, File], thumbs: Mapping[str, bytes]) -> str:
    """Return the page. Times are shown in the place's zone; `thumbs` are JPEGs by evidence id."""
    zone = contents.place["zone"]
    number = escape(contents.ticket["number"])
    parts = [
        f"<h1>证据包 · 工单 {number}</h1>",
        f'<p class="soft">{escape(contents.place["name"])} · {_when(clock.iso(order.at), zone)} 制作 · '
        f"{escape(contents.made_by['name'])} · 事由：{escape(order.reason)}</p>",
        _privacy(order),
        "<h2>工单</h2>",
        _ticket(contents, zone),
        "<h2>佐证</h2>",
        "".join(_piece(piece, files, thumbs.get(piece["id"]), zone) for piece in contents.evidence)
        or "<p>没有佐证。</p>",
        "<h2>经过</h2>",
        _timeline(contents, zone),
        _replies(contents, zone),
        "<h2>封存</h2>",
        _seals(contents),
        "<h2>如何核对</h2>",
        _how(contents),
        "<h2>文件清单</h2>",
        _files(files),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
        "style-src 'unsafe-inline'\">"
        f"<title>证据包 {number}</title><style>{_STYLE}</style></head><body>\n"
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


def _when(instant: str | None, zone: str) -> str:
    if not instant:
        return "—"
    return clock.parse(instant).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")


def _rows(rows: list[tuple[str, str]]) -> str:
    """Return a table of facts; the values are HTML already."""
    cells = "".join(f"<tr><th>{escape(name)}</th><td>{value}</td></tr>" for name, value in rows if value)
    return f'<table class="facts">{cells}</table>'


def _privacy(order: Order) -> str:
    if order.unmasked:
        return '<p class="note">本证据包含诉求人的完整信息，仅限上述事由使用，请妥善保管。</p>'
    return (
        '<p class="note">诉求人的姓名、电话、地址已隐去。照片、录音为原件，流水（journal.jsonl）为原样，'
        "其中可能出现个人信息，请妥善保管。</p>"
    )


def _ticket(contents: Contents, zone: str) -> str:
    ticket = contents.ticket
    caller = " · ".join(filter(None, (ticket["caller"][name] for name in ("name", "phone", "address"))))
    return _rows(
        [
            ("编号", escape(ticket["number"])),
            ("标题", escape(ticket["title"])),
            ("内容", escape(ticket["content"]).replace("\n", "<br>")),
            ("诉求人", escape(caller) or "匿名"),
            ("地点", escape(ticket["area"])),
            ("状态", escape(ticket["state"])),
            ("承办单位", escape(ticket["unit"] or "—")),
            ("登记 / 办结", f"{_when(ticket['received_at'], zone)} / {_when(ticket['closed_at'], zone)}"),
        ]
    )


def _piece(piece: dict[str, Any], files: Mapping[str, File], thumb: bytes | None, zone: str) -> str:
    picture = ""
    if thumb is not None:
        picture = f'<img alt="缩略图" src="data:image/jpeg;base64,{base64.b64encode(thumb).decode()}">'
    place = piece["position"]
    where = ""
    if place:
        accuracy = f"，误差约 {place['accuracy_m']:.0f} 米" if place["accuracy_m"] is not None else ""
        where = f"{place['lat']:.6f}, {place['lon']:.6f}（WGS-84{accuracy}，手机报告）"
    name = piece["original"]
    link = f'<a href="{escape(name)}">{escape(name)}</a>' if name in files else "文件没有上传，只有登记的指纹"
    length = piece["measured_s"] if piece["measured_s"] is not None else piece["duration_s"]
    title = f"{_PHASE.get(piece['phase'], piece['phase'])}{_KIND.get(piece['kind'], piece['kind'])}"
    rows = [
        ("原件", link),
        ("SHA-256", f"<code>{escape(piece['sha256'])}</code>"),
        ("大小", f"{piece['size']} 字节"),
        ("来源", escape(_SOURCE.get(piece["source"], piece["source"]))),
        ("手机记录的时间", _when(piece["captured_at"], zone)),
        ("不早于", f"{_when(piece['issued_at'], zone)}（手机当时持有的服务器时间）" if piece["issued_at"] else ""),
        (
            "登记指纹",
            f"{_when(piece['declared_at'], zone)} · {escape(piece['declared_by'])}（{escape(piece['unit'])}）",
        ),
        ("服务器收齐", _when(piece["received_at"], zone)),
        ("位置", where),
        ("时长", f"{length:.0f} 秒" if length is not None else ""),
        ("说明", escape(piece["note"] or "")),
        ("状态", escape(_STATE.get(piece["state"], piece["state"]))),
        ("撤回理由", escape(piece["withdrawn_reason"] or "")),
    ]
    return f'<div class="piece">{picture}<div><strong>{escape(title)}</strong>{_rows(rows)}</div></div>'


def _timeline(contents: Contents, zone: str) -> str:
    sealed = {proof["length"]: proof["day"] for proof in contents.sealed.proofs}
    rows = []
    for entry in contents.timeline:
        who = entry["by"]["name"] if entry["by"] and entry["by"]["name"] else "系统"
        claimed = (
            f'<br><span class="soft">手机记录 {_when(entry["claimed_at"], zone)}</span>' if entry["claimed_at"] else ""
        )
        rows.append(
            f"<tr><td>{entry['seq']}</td><td>{_when(entry['at'], zone)}{claimed}</td>"
            f"<td>{escape(str(who))}</td><td>{escape(entry['summary'])}</td></tr>"
        )
        if entry["seq"] in sealed:
            rows.append(
                f'<tr><td colspan="4" class="soft">—— 至此随 {escape(sealed[entry["seq"]])} 的日根封存 ——</td></tr>'
            )
    head = "<tr><th>序</th><th>时间</th><th>何人</th><th>何事</th></tr>"
    return f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"


def _replies(contents: Contents, zone: str) -> str:
    found = []
    for reply in contents.records["replies"]:
        texts = "".join(f"<p>{escape(str(text))}</p>" for text in _texts(reply.get("parts")))
        found.append(
            f"<h3>第 {escape(str(reply.get('number', '')))} 稿 · {_when(reply.get('submitted_at'), zone)}</h3>{texts}"
        )
    return "<h2>回复</h2>" + "".join(found) if found else ""


def _texts(parts: Any) -> list[Any]:
    if isinstance(parts, dict):
        return [text for text in parts.values() if text]
    return [part.get("text", "") for part in parts or () if isinstance(part, dict)]


def _seals(contents: Contents) -> str:
    sealed = contents.sealed
    if not sealed.proofs:
        return (
            '<p class="note">本工单的流水尚未封存：当天的记录在次日零时后封存。目前只能核对流水链与原件是否自洽。</p>'
        )
    last = sealed.proofs[-1]
    roots = {entry["day"]: entry["root"] for entry in sealed.days}
    rows = "".join(
        f"<tr><td>{escape(proof['day'])}</td><td>第 1–{proof['length']} 条</td>"
        f"<td><code>{escape(roots[proof['day']])}</code></td></tr>"
        for proof in sealed.proofs
    )
    left = len(contents.links) - last["length"]
    rest = f'<p class="note">最后 {left} 条记录尚未封存。</p>' if left else ""
    stamped = "、".join(escape(day) for day in sealed.stamps)
    about = f"时间戳：{stamped} 的日根由外部机构签名（stamps/）。" if stamped else "这些日根没有外部时间戳。"
    newest = sealed.days[-1]
    return (
        f"<table><tr><th>日期</th><th>封存到</th><th>日根</th></tr>{rows}</table>{rest}<p>{about}</p>"
        f"<p>其后每天的日根都含前一天的日根，至 {escape(newest['day'])}：<code>{escape(newest['root'])}</code></p>"
    )


def _how(contents: Contents) -> str:
    return (
        "<p>在任何一台装有本系统命令行的电脑上，不需要数据库和网络：</p>"
        "<p><code>doorstep verify-bundle 证据包.zip</code></p><ol>"
        "<li>容器的每一个字节、每个文件的大小与 SHA-256 都与签名的清单（manifest.json）一致；</li>"
        "<li>流水（journal.jsonl，每行即被哈希的原文）环环相扣，每件原件的指纹都在登记时写入了流水；</li>"
        "<li>流水链在上列日期的日根之中（proof.json），日根彼此相连（roots.jsonl）；</li>"
        "<li>日根的时间戳由外部机构签名（stamps/*.tsr，RFC 3161，也可用 openssl ts -verify 核对）。</li></ol>"
        "<p>它证明自登记起未被改动；不证明照片的内容属实，也不证明登记之前的事。"
        "若无时间戳，请再与公开的日根（/api/v1/roots，或上级留存的副本）比对。</p>"
    )


def _files(files: Mapping[str, File]) -> str:
    rows = "".join(
        f"<tr><td>{escape(file.name)}</td><td>{file.size}</td><td><code>{escape(file.sha256)}</code></td></tr>"
        for file in files.values()
    )
    return f"<table><tr><th>文件</th><th>字节</th><th>SHA-256</th></tr>{rows}</table>"
