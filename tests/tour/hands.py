"""What hands do on the screens of an answer's way: write it, sign it, ask, decide, check, call back."""

from __future__ import annotations

import re

from journey.liaison import choose
from playwright.sync_api import Locator, Page, expect
from tour.stage import Handset, Stage

PARTS = {
    "是否属实": "情况属实。",
    "调查情况": "民警到现场走访，调取路口监控，询问三户邻居，反映的情况确实存在，近一周共发生四次。",
    "处置结果": "已约谈当事人并当场教育，责令改正，安排夜间巡逻每晚两次，三天来未再发生。",
    "反映人意见": "已当面告知反映人处置经过和结果，反映人的意见已如实记录。",
    "基本情况及现场检查情况": "到现场检查，中转站每日清运两次，除臭设备运行正常，臭味来自渗滤液收集池盖板破损。",
    "处理结果及沟通情况": "已更换收集池盖板并增加清运一次，两次与诉求人当面沟通，说明整体搬迁没有规划依据。",
    "拟办意见（拟答复口径）": "盖板已更换，臭味明显减轻；中转站选址符合规划，不能整体搬迁，请予理解。",
    "诉求调查情况": "经现场调查，文化广场晚九点后确有音响，来源为两支舞队，均未登记，音量超过标准。",
    "办理过程": "接单当日两次联系来电人，会同社区到现场测量音量，与两支舞队负责人当面签订文明公约。",
    "办理结果": "两支舞队已改用小音箱并于晚八点半前结束，社区每晚派人巡查，连续三晚没有超时。",
    "联系情况": "当日上午电话联系来电人，核实积水位置和时间，约定下午一同到现场查看。",
    "诉求核实": "到新南路260号现场查看，雨水口被落叶堵住，路面沉降约三厘米，诉求属实。",
    "群众意见": "来电人到现场看过，对清掏和修补表示满意。",
    "后续安排": "汛期每周巡查一次，发现淤堵随时清掏；其余事项已全部办结。",
}
"""What the liaisons of all towns write under the headings of their notices."""


def settled(phone: Handset) -> Page:
    """Everything this person did has reached the server."""
    phone.everything_sent()
    return phone.page


def write_reply(page: Page, opinion: str, finish: str | None = None) -> None:
    """Fill in every heading that the notice asks for, the caller's opinion and the way it ends."""
    expect(page.locator("#opinion")).to_be_visible()
    for part in page.locator("details.part").all():
        heading = part.locator("label").inner_text().removesuffix("*").strip()
        part.get_by_role("textbox").fill(PARTS[heading])
    choose(page.locator("#opinion"), opinion)
    if finish:
        choose(page.locator("#finish"), finish)


def submit(phone: Handset) -> None:
    """提交, with whatever warnings the sheet shows accepted, and wait for the server's answer."""
    page = phone.page
    page.get_by_role("button", name="提交", exact=True).click()
    sheet = page.get_by_role("dialog", name="提交回复")
    expect(sheet.get_by_text("提交后：")).to_be_visible()
    warned = sheet.get_by_label("我已看到以上提醒，仍然提交")
    if warned.is_visible():
        warned.check()
    sheet.get_by_role("button", name="提交", exact=True).click()
    expect(sheet).to_be_hidden()
    settled(phone)


def sign_off(people: Stage, who: str, ticket_id: str) -> Page:
    """Open 审签 and wait until it is this person's turn."""
    page = people.open(who, f"/t/{ticket_id}/signoff")
    expect(page.get_by_text("签名绑定本页内容")).to_be_visible()
    expect(page.get_by_role("button", name="同意", exact=True)).to_be_enabled()
    return page


def agree(people: Stage, who: str, ticket_id: str) -> None:
    """同意并签名 on the page that stands."""
    page = people.phone(who).page
    page.get_by_role("button", name="同意", exact=True).click()
    page.get_by_role("dialog", name="同意并签名").get_by_role("button", name="同意", exact=True).click()
    page.wait_for_url(f"**/t/{ticket_id}")
    settled(people.phone(who))


def tick_all(scope: Page | Locator) -> None:
    """Every item of the notice's checklist."""
    expect(scope.get_by_text("审核清单", exact=True)).to_be_visible()
    for box in scope.get_by_role("checkbox").all():
        box.check()


def accept(people: Stage, ticket_id: str) -> None:
    """审核通过 at the station's desk, on the review that stands."""
    page = people.phone("station").page
    page.get_by_role("button", name="审核通过").click()
    page.get_by_role("dialog", name="审核通过").get_by_role("button", name="审核通过").click()
    page.wait_for_url(f"**/t/{ticket_id}")
    settled(people.phone("station"))


def send_request(phone: Handset, name: str) -> None:
    """The form's own button, then 提交申请 on the sheet that says what will happen."""
    page = phone.page
    page.get_by_role("button", name=name, exact=True).click()
    page.get_by_role("dialog", name=name).get_by_role("button", name="提交申请").click()
    page.wait_for_url("**?tab=work")
    settled(phone)


def decide(phone: Handset, button: str, note: str) -> None:
    """同意 or 不同意 on a request, with the words it needs."""
    page = phone.page
    page.get_by_role("button", name=button, exact=True).click()
    sheet = page.get_by_role("dialog", name=button)
    sheet.get_by_role("textbox", name="意见").fill(note)
    sheet.get_by_role("button", name="保存").click()
    expect(sheet).to_be_hidden()
    settled(phone)


def whole(start: str) -> re.Pattern[str]:
    """A name that begins so; the unit's people or the option's explanation may follow."""
    return re.compile(rf"^{re.escape(start)}")


def chain_holds(people: Stage) -> None:
    """Nothing that was done on this stage can be changed afterwards without `doorstep verify` saying so."""
    checked = people.product.verify()
    assert checked.returncode == 0, checked.stdout + checked.stderr
