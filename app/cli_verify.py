"""`doorstep verify`: is what is kept still what was recorded? Chains, records, seals, stamps."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from app.db import Database
from app.verify import check, seals, strays, subjects
from config import Config, ConfigError

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("number", required=False)
@click.option("--roots", type=_FILE, help="另存的 /api/v1/roots。")
@click.option("--tsa-ca", type=_FILE, help="时间戳机构的证书（PEM）。")
def verify(number: str | None, roots: Path | None, tsa_ca: Path | None) -> None:
    """校验流水链、每日封存与时间戳；NUMBER 为工单编号，省略则校验全部。"""
    try:
        config = Config.from_environ()
    except ConfigError as error:
        raise click.ClickException(str(error)) from error
    published = _published(roots) if roots else {}
    # One instant for all: people go on working, and a chain read after its head would seem too long.
    with Database(config.database_url).read(snapshot=True) as session:
        names, broken = _chains(session, number)
        if number is not None and not names:
            raise click.ClickException(f"没有编号为 {number} 的工单。")
        sealed = _sealed(session, names, number, published, tsa_ca or config.tsa_ca)
        standing = _standing(session, next(iter(names)) if number else None)
    click.echo(f"校验 {len(names)} 条链，{broken + sealed} 处不成立。")
    click.echo(standing)
    if broken or sealed:
        sys.exit(1)


def _chains(session: Session, number: str | None) -> tuple[dict[str, str], int]:
    """Check every chain by itself; return subject id → name, and how much does not hold."""
    broken, names = 0, {}
    for label, subject_id, length, head in subjects(session, number):
        names[subject_id] = label
        found_break = check(session, subject_id, length, head)
        if found_break is not None:
            broken += 1
            click.echo(f"✗ {label}：第 {found_break.subject_seq} 条起不成立（{_REASONS[found_break.reason]}）")
    for seal in seals(session):
        if seal.ticket_id in names:
            broken += 1
            click.echo(f"✗ {names[seal.ticket_id]}：{_RECORDS[seal.table]} {seal.record_id} {_SEALS[seal.reason]}")
    for subject_id in strays(session) if number is None else ():
        broken += 1
        click.echo(f"✗ {subject_id}：有流水而无工单（整张工单被删除）")
    return names, broken


def _sealed(
    session: Session, names: dict[str, str], number: str | None, published: dict[date, str], tsa_ca: Path | None
) -> int:
    """Check the chains against the days' seals, and the seals themselves; return how much does not hold."""
    # Imported here, like all that a rarely given command needs: the certificates alone take a moment to load.
    from app.sealing import audit, authority

    if number is not None:
        flaws = list(audit.chains(session, next(iter(names))))
    else:
        try:
            trusted = authority.read_authorities(tsa_ca.read_bytes()) if tsa_ca else authority.public_authorities()
        except ValueError as error:
            raise click.ClickException(f"{tsa_ca} 中没有证书。") from error
        flaws = [*audit.seals(session), *audit.chains(session), *audit.stamps(session, trusted)]
        flaws += audit.against(session, published)
    for flaw in flaws:
        about = f"{names.get(flaw.subject_id, flaw.subject_id)}：" if flaw.subject_id else ""
        click.echo(f"✗ {about}{flaw.day} 的日根{_FLAWS[flaw.reason]}" + (f"（{flaw.said}）" if flaw.said else ""))
    return len(flaws)


def _standing(session: Session, subject_id: str | None) -> str:
    from app.sealing import audit

    if subject_id is not None:
        found = audit.sealed_of(session, subject_id)
        return f"已随 {found[1]} 的日根封存至第 {found[0]} 条。" if found else "尚未封存：当天的记录在次日零时后封存。"
    standing = audit.standing(session)
    if not standing.days:
        return "尚无日根：当天的记录在次日零时后由 relay 进程封存。"
    stamped = f"{standing.stamped} 天有时间戳" if standing.stamped else "均无时间戳（未配置 TSA_URL 或尚未取得）"
    return f"日根 {standing.days} 天（{standing.first} 至 {standing.last}），{stamped}。"


@click.command("verify-bundle")
@click.argument("file", type=_FILE)
@click.option("--tsa-ca", type=_FILE, help="时间戳机构的证书（PEM）。")
@click.option("--roots", type=_FILE, help="另存的 /api/v1/roots。")
@click.option("--key", help="部署的签名公钥（64 位十六进制，见 /api/v1/roots 各日文件中的 key）。")
def verify_bundle(file: Path, tsa_ca: Path | None, roots: Path | None, key: str | None) -> None:
    """核对一个证据包；不需要数据库、网络与配置。"""
    from app.bundles.check import Trust, check
    from app.sealing import authority

    try:
        authorities = authority.read_authorities(tsa_ca.read_bytes()) if tsa_ca else None
    except ValueError as error:
        raise click.ClickException(f"{tsa_ca} 中没有证书。") from error
    published = {day.isoformat(): root for day, root in _published(roots).items()} if roots else {}
    report = check(file, Trust(authorities, key.lower() if key else None, published))
    _say(report.good, report.notes, report.wrong)
    if report.wrong:
        click.echo("证据包不成立。")
        sys.exit(1)
    click.echo(f"工单 {_plain(report.number)} 的证据包成立。")


@click.command("verify-draw")
@click.argument("file", type=_FILE)
@click.option("--commitments", type=_FILE, help="抽样前另存的 /api/v1/oversight/inspections/commitments。")
def verify_draw(file: Path, commitments: Path | None) -> None:
    """把另存的一期抽查重新抽一遍；不需要数据库、网络与配置。FILE 为另存的 /api/v1/oversight/inspections/draws/编号。"""
    from app.oversight.inspections import saved

    try:
        report = saved.check(_json(file), _json(commitments) if commitments else None)
    except saved.NotADraw as error:
        raise click.ClickException(f"{file} 不是另存的抽查，或承诺文件不对。") from error
    _say(report.good, report.notes, report.wrong)
    if report.wrong:
        click.echo("这一期抽样不成立。")
        sys.exit(1)
    click.echo(f"{_plain(report.name)} 期抽样成立。")


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise click.ClickException(f"{path} 不是 JSON 文件。") from error


def _say(good: list[str], notes: list[str], wrong: list[str]) -> None:
    # What a file says of itself may come from anybody: no control characters to the terminal.
    for sign, lines in (("✓", good), ("！", notes), ("✗", wrong)):
        for line in lines:
            click.echo(f"{sign} {_plain(line)}")


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else "�" for c in text)[:500]


def _published(path: Path) -> dict[date, str]:
    """Return day → root of a saved answer of /api/v1/roots."""
    try:
        saved: Any = json.loads(path.read_text("utf-8"))
        return {date.fromisoformat(row["day"]): str(row["root"]) for row in saved["roots"]}
    except (ValueError, KeyError, TypeError) as error:
        raise click.ClickException(f"{path} 不是另存的 /api/v1/roots。") from error


_REASONS = {
    "changed": "内容被改",
    "missing": "缺少记录",
    "reordered": "次序被改",
    "tail_missing": "末尾记录被删",
    "head_differs": "链头不符",
}
_RECORDS = {
    "contacts": "联系记录",
    "visits": "上门记录",
    "visit_exceptions": "未上门原因",
    "progress_reports": "进度报告",
    "replies": "回复",
}
_SEALS = {"changed": "内容被改", "missing": "被删除", "unrecorded": "不是由本系统记录的"}
_FLAWS = {
    "document": "内容被改",
    "first": "之前还有日根，已被删除",
    "previous": "与前一天的日根不相连",
    "gap": "之前缺少日根，已被删除",
    "leaves": "的明细被改",
    "gone": "封存过这条链，如今工单与流水均已不存在",
    "shortened": "封存过的末尾记录被删",
    "rewritten": "封存过的记录被改写",
    "stamp": "的时间戳不成立",
    "published": "与另存的不同",
    "unpublished": "在另存的文件中有，如今已不存在",
}
