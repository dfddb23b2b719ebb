"""`doorstep`: the operator's commands."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from app import cli_channels, cli_verify
from app.db import Database
from config import Config, ConfigError


def _config() -> Config:
    try:
        return Config.from_environ()
    except ConfigError as error:
        raise click.ClickException(str(error)) from error


def _database(config: Config) -> Database:
    if config.database_url.startswith("sqlite:///"):
        config.var_dir.mkdir(parents=True, exist_ok=True)
    return Database(config.database_url)


@click.group()
def main() -> None:
    """上门办 · Doorstep 运维命令。"""


@main.command()
def migrate() -> None:
    """升级数据库结构，发布规则与节假日。"""
    from app.setup import migrate as run

    run(_database(_config()))
    click.echo("数据库已是最新。")


@main.command()
@click.option("--accounts", is_flag=True, help="只列出演示账号（JSON）。")
def demo(accounts: bool) -> None:
    """准备演示数据（虚构），可重复执行。"""
    from app.demo.seed import ACCOUNTS, seed

    if accounts:
        click.echo(json.dumps(ACCOUNTS, ensure_ascii=False))
        return
    config = _config()
    made = seed(_database(config), config)
    click.echo(f"演示工单 {made} 张。" if made else "演示数据已存在。")


@main.command()
@click.argument("profile")
@click.option("--station", required=True, help="工作站名称。")
@click.option("--name", required=True, help="第一位操作员姓名。")
@click.option("--phone", required=True, help="手机号。")
@click.password_option(help="密码。")
def found(profile: str, station: str, name: str, phone: str, password: str) -> None:
    """建立一个地区及其工作站与第一位管理员。"""
    from app.setup import found as run

    try:
        run(_database(_config()), profile, station, name, phone, password)
    except LookupError as error:
        raise click.ClickException(f"没有名为 {profile} 的规则。") from error
    click.echo("已建立，可以登录。")


@main.command("import-people")
@click.argument("profile")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_people(profile: str, file: Path) -> None:
    """从 CSV 导入单位与人员；列：单位、层级、上级单位、姓名、手机号、岗位。可重复导入。"""
    from app.onboard import RosterInvalid, take_in

    try:
        taken = take_in(_database(_config()), profile, file)
    except RosterInvalid as error:
        raise click.ClickException("文件有误，未导入任何内容：\n" + "\n".join(error.lines)) from error
    except LookupError as error:
        raise click.ClickException(f"地区 {profile} 尚未建立，请先执行 doorstep found。") from error
    click.echo(f"新增单位 {taken.units} 个、人员 {len(taken.passwords)} 名、任职 {taken.roles} 项。")
    for phone, (name, password) in taken.passwords.items():
        click.echo(f"{name}\t{phone}\t初始密码 {password}")


@main.command("new-epoch")
def new_epoch() -> None:
    """恢复备份之后执行：让所有手机重新核对并补发。"""
    from app.setup import renew_epoch

    click.echo(renew_epoch(_database(_config())))


@main.command()
def openapi() -> None:
    """打印接口文档（OpenAPI JSON）。"""
    from app.factory import create_app

    click.echo(json.dumps(create_app(_config()).extensions["doorstep.api"].spec.to_dict(), ensure_ascii=False))


@main.command()
def problems() -> None:
    """打印全部提示语（JSON），供手机端生成。"""
    from app.problems import CATALOGUE

    click.echo(json.dumps({code: text for code, (_, text) in CATALOGUE.items()}, ensure_ascii=False, indent=1))


@main.command()
def lifecycle() -> None:
    """打印工单状态图（Mermaid）。"""
    from app.tickets.diagram import mermaid

    click.echo(mermaid())


@main.command()
def worker() -> None:
    """启动后台处理进程。"""
    from app.worker import run

    run(_config())


@main.group()
def tasks() -> None:
    """后台任务：查看与重试。"""


@tasks.command("list")
@click.option("--state", type=click.Choice(["due", "done", "dead"]), help="只看一种状态。")
def list_tasks(state: str | None) -> None:
    """列出后台任务，最近的在前。"""
    from app import clock
    from app.journal.tasks import listing

    with _database(_config()).read() as session:
        found = listing(session, state)
        for row in found:
            line = f"{row.state:<4} {clock.iso(row.asked_at)} 第 {row.attempts} 次 {row.id} {row.error or ''}"
            click.echo(line.rstrip())
    click.echo(f"共 {len(found)} 项。")


@tasks.command("retry")
@click.argument("task_id", required=False)
@click.option("--all-dead", is_flag=True, help="重试全部已放弃的任务。")
def retry_tasks(task_id: str | None, all_dead: bool) -> None:
    """让任务立即重做：TASK_ID 见 tasks list。"""
    from app import clock
    from app.journal.tasks import DEAD, listing, retry

    if (task_id is None) == (not all_dead):
        raise click.UsageError("请给出 TASK_ID，或使用 --all-dead。")
    with _database(_config()).unit_of_work() as session:
        wanted = [task_id] if task_id else [row.id for row in listing(session, DEAD, limit=10_000)]
        again = sum(retry(session, wanted_id, clock.now()) for wanted_id in wanted)
    if task_id and not again:
        raise click.ClickException(f"没有名为 {task_id} 的未完成任务。")
    click.echo(f"{again} 项任务将重新执行。")


@main.command("verify-files")
def verify_files() -> None:
    """校验佐证原件：重新计算每个文件的哈希，与登记时相比。"""
    from app.evidence.audit import damaged
    from app.evidence.storage import DiskStore

    config = _config()
    count = 0
    with _database(config).read() as session:
        for found in damaged(session, DiskStore(config.evidence_dir)):
            count += 1
            click.echo(f"✗ 工单 {found.number} 佐证 {found.evidence_id}：{'文件缺失' if found.missing else '内容被改'}")
    click.echo(f"{count} 个文件不成立。")
    if count:
        sys.exit(1)


@main.command("add-strips")
def add_strips() -> None:
    """为旧照片的展示图补上说明条（原件不动）；可随时中断、再次执行。"""
    from app.evidence.jobs import add_strips as run
    from app.evidence.provenance import Signing
    from app.evidence.storage import DiskStore

    config = _config()
    done = left = 0
    signing = Signing.of(config.c2pa_cert, config.c2pa_key)
    for evidence_id, added in run(_database(config), DiskStore(config.evidence_dir), signing):
        done, left = done + added, left + (not added)
        if not added:
            click.echo(f"✗ 佐证 {evidence_id}：原件缺失或损坏，未处理")
    click.echo(f"已补 {done} 张，{left} 张未处理。")


@main.command("prints")
def fill_in_prints() -> None:
    """为升级前处理的照片补做指纹（查重用），可重复执行；后台也会自动补做。"""
    from app.evidence.prints import BATCH, fill_in
    from app.evidence.storage import DiskStore

    config = _config()
    database, store, done = _database(config), DiskStore(config.evidence_dir), 0
    while made := fill_in(database, store, BATCH):
        done += made
    click.echo(f"补做照片指纹 {done} 张。")


@main.command()
def relay() -> None:
    """启动转发与定时进程。"""
    from app.relay_process import run

    run(_config())


for command in (cli_channels.wechat_menu, cli_channels.fakes, cli_channels.climb):
    main.add_command(command)
main.add_command(cli_verify.verify)
main.add_command(cli_verify.verify_bundle)
main.add_command(cli_verify.verify_draw)


if __name__ == "__main__":
    main()
