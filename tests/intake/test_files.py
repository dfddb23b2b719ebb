"""A file of requests from upload to result, over the public API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from intake import exports
from intake.conftest import Office

from app.intake import limits


def numbers(count: int) -> list[str]:
    return [exports.line()[0] for _ in range(count)]


def test_a_file_comes_in_without_a_word_typed(office: Office) -> None:
    a, b = numbers(2)
    rows = [
        exports.line(a, 受理时间=datetime(2026, 11, 1, 9, 30), 紧急程度="紧急", 来电人="匿名", 联系电话=None),
        exports.line(b, 诉求类型="求助类", 标题=None, 办结时限="2026年12月30日"),
    ]
    file_id = office.upload(exports.xlsx(rows))
    seen = office.file(file_id)
    assert (seen["state"], seen["busy"], seen["header_row"]) == ("preview", False, 1)
    assert seen["counts"] == {"ready": 2, "taken": 0, "known": 0, "refused": 0}
    assert office.ticket_count(a) == 0, "nothing is registered before somebody has looked"

    done = office.confirm(file_id)
    assert done["state"] == "done" and done["counts"] == {"ready": 0, "taken": 2, "known": 0, "refused": 0}
    first, second = office.ticket(a), office.ticket(b)
    assert (first["state"], first["priority"], first["kind"]) == ("registered", "urgent", "complaint")
    assert first["received_at"] == "2026-11-01T01:30:00.000Z"
    assert first["detail"]["caller"]["anonymous"] and first["detail"]["caller"]["name"] == ""
    assert second["kind"] == "help" and second["title"].startswith("三号楼二单元")
    assert first["area"].startswith("树林召镇平安小区") and "501" not in first["area"]
    assert "表格导入" in first["detail"]["timeline"][0]["summary"]


def test_text_in_any_encoding(office: Office) -> None:
    for encoding, separator in (("gb18030", ","), ("utf-8", "\t"), ("utf-8-sig", ";")):
        [number] = numbers(1)
        content = exports.text_table([exports.line(number)], separator=separator, encoding=encoding)
        assert office.confirm(office.upload(content, "十一月.csv"))["counts"]["taken"] == 1
        assert office.ticket(number)["detail"]["content"] == "三号楼二单元感应灯不亮，请维修。"


def test_what_is_known_is_no_mistake(office: Office) -> None:
    a, b = numbers(2)
    office.confirm(office.upload(exports.xlsx([exports.line(a)])))
    again = office.upload(exports.xlsx([exports.line(a, 标题="同一张"), exports.line(b), exports.line(b)]))
    assert office.file(again)["counts"] == {"ready": 1, "taken": 0, "known": 2, "refused": 0}
    told = office.rows(again, state="known")
    assert [row["line"] for row in told] == [2, 4] and "第 3 行" in told[1]["faults"][0]["text"]
    assert office.confirm(again)["counts"] == {"ready": 0, "taken": 1, "known": 2, "refused": 0}
    found = office.numbers()
    assert found.count(a) == found.count(b) == 1
    assert office.ticket(a)["title"] == "楼道感应灯不亮"


def test_a_first_line_with_a_fault_does_not_hide_a_good_second_one(office: Office) -> None:
    [a] = numbers(1)
    file_id = office.upload(exports.xlsx([exports.line(a, 诉求类型="唠嗑"), exports.line(a)]))
    assert [row["state"] for row in office.rows(file_id)][1:] == ["refused", "ready"]


def test_faults_say_where_and_why_and_the_rest_comes_in(office: Office) -> None:
    good = exports.line()
    bad: list[tuple[dict[str, Any], int, str]] = [
        ({"工单编号": None}, 0, "没有填写"),
        ({"工单编号": 2.0261120000001e17}, 0, "15 位"),
        ({"诉求内容": "  "}, 2, "没有填写"),
        ({"诉求类型": "唠嗑"}, 6, "咨询、求助、投诉、举报、建议"),
        ({"紧急程度": "十万火急"}, 8, "不认识"),
        ({"受理时间": "前天"}, 9, "不是日期"),
        ({"标题": "=A1&B1"}, 1, "公式"),
        ({"标题": "长" * 201}, 1, "200"),
        ({"联系电话": "1" * 40}, 4, "32"),
        ({"来电人": "#REF!"}, 3, "错误值"),
    ]
    file_id = office.upload(exports.xlsx([good, *[exports.line(**change) for change, _, _ in bad]]))
    rows = office.rows(file_id, state="refused")
    assert [(row["line"], row["faults"][0]["column"]) for row in rows] == [(n, c) for n, (_, c, _) in enumerate(bad, 3)]
    for row, (_, _, said) in zip(rows, bad, strict=True):
        assert said in row["faults"][0]["text"], row
    assert rows[0]["faults"][0]["label"] == "工单编号"
    done = office.confirm(file_id)
    assert done["state"] == "done" and done["counts"]["taken"] == 1 and done["counts"]["refused"] == len(bad)


def test_from_the_future(office: Office) -> None:
    file_id = office.upload(exports.xlsx([exports.line(受理时间="2199-01-01 08:00")]))
    assert "不能晚于现在" in office.rows(file_id, state="refused")[0]["faults"][0]["text"]
    assert office.station.refused("intake.confirm", None, file_id=file_id) == "intake_nothing_ready"


def test_the_refused_rows_come_back_as_they_were_and_run_nowhere(office: Office) -> None:
    evil = exports.line(诉求类型="=cmd|'/c calc'!A0", 标题="=HYPERLINK(1)")
    content = exports.text_table([evil, exports.line()])
    file_id = office.upload(content, "十一月.csv")
    lines = office.result(file_id)
    assert lines[0] == ["原行号", "原因", *exports.HEADER]
    assert lines[1][0] == "2" and "诉求类型" in lines[1][1] and lines[1][3] == "=HYPERLINK(1)" and len(lines) == 2
    answer = office.station.call("GET", f"/api/v1/intake/files/{file_id}/result")
    assert b"<f>" not in _sheet(answer.data) and b"HYPERLINK" in _sheet(answer.data)
    names = [e.name for e in office.journal()]
    assert names.count("intake.result_fetched") == 2


def _sheet(content: bytes) -> bytes:
    import io
    import zipfile

    return zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")


def test_callers_are_masked_on_the_preview(office: Office) -> None:
    file_id = office.upload(exports.xlsx([exports.line()]))
    text = office.station.call("GET", f"/api/v1/intake/files/{file_id}/rows").text
    assert "138****5678" in text and "13812345678" not in text and "王小明" not in text and "501" not in text


def test_strange_columns_are_told_once_and_remembered(office: Office) -> None:
    header = ["甲", "乙", "丙", "丁"]
    rows = [["A" + n, "漏水了，请来人修理", "民生", n] for n in numbers(2)]
    file_id = office.upload(exports.xlsx(rows, header))
    seen = office.file(file_id)
    assert seen["state"] == "unmapped" and "表头" in seen["message"]
    assert next(row["cells"] for row in office.rows(file_id)) == header
    assert office.station.refused("intake.confirm", None, file_id=file_id) == "intake_state_wrong"
    told = {
        "file_id": file_id, "header_row": 1, "columns": {"number": 0, "content": 1, "kind": 2},
        "defaults": {"source": "12345"}, "meanings": {"kind": {"民生": "help"}},
    }  # fmt: skip
    office.station.do("intake.map", None, **told)
    office.work("intake")
    assert office.file(file_id)["counts"]["ready"] == 2
    assert office.confirm(file_id)["counts"]["taken"] == 2
    assert office.ticket(rows[0][0])["kind"] == "help"

    rows = [["A" + n, "漏水了，请来人修理", "民生", n] for n in numbers(1)]
    seen = office.file(office.upload(exports.xlsx([*rows, ["", "", "", ""]], header)))
    assert seen["state"] == "preview" and seen["remembered"] and seen["counts"]["ready"] == 1


def test_one_column_missing_is_asked_for(office: Office) -> None:
    header, row = exports.HEADER[:6], exports.line()[:6]
    seen = office.file(office.upload(exports.xlsx([row], header)))
    assert seen["state"] == "unmapped" and "诉求类型" in seen["message"] and seen["defaults"] == {"source": "12345"}
    choices = {field["key"]: field["choices"] for field in seen["fields"]}
    assert {"key": "complaint", "label": "投诉"} in choices["kind"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"columns": {"number": 0, "content": 0, "kind": 6, "source": 7}}, "同一列"),
        ({"columns": {"number": 0, "content": 2, "source": 7}}, "诉求类型"),
        ({"header_row": 99}, "第 99 行"),
        ({"defaults": {"kind": "chat"}}, "chat"),
        ({"meanings": {"kind": {"民生": "chat"}}}, "chat"),
    ],
)
def test_a_mapping_that_cannot_be(office: Office, change: dict[str, Any], said: str) -> None:
    file_id = office.upload(exports.xlsx([exports.line()]))
    args = {"header_row": 1, "columns": {"number": 0, "content": 2, "kind": 6, "source": 7}}
    receipt = office.station.try_("intake.map", None, file_id=file_id, **args | change)
    assert receipt["code"] == "intake_mapping_invalid" and said in receipt["message"]
    assert office.file(file_id)["state"] == "preview"


def test_a_header_without_rows_below(office: Office) -> None:
    assert office.file(office.upload(exports.xlsx([])))["state"] == "unmapped"


def test_what_cannot_be_read_is_told_and_leaves_nothing(office: Office) -> None:
    for content, said in ((b"\xd0\xcf\x11\xe0" + b"\0" * 99, "旧版"), (b"PK\x03\x04 no", "损坏"), (b"", "空")):
        file_id = office.upload(content)
        seen = office.file(file_id)
        assert seen["state"] == "unreadable" and said in seen["message"] and office.rows(file_id) == []
        assert not list(office.config.intake_dir.glob(f"{file_id}*"))
    assert office.task(f"intake:{file_id}").state == "done", "a bad file is an answer, not a fault"


def test_bytes_are_gone_once_they_are_read(office: Office) -> None:
    office.upload(exports.xlsx([exports.line()]))
    assert list(office.config.intake_dir.iterdir()) == []


def test_a_file_too_large_is_refused_at_the_door(office: Office) -> None:
    answer = office.post(b"x" * (limits.MAX_BYTES + 1))
    assert answer.status_code == 413 and answer.get_json()["code"] == "intake_file_too_big"
    answer = office.post(b"x" * (limits.MAX_BYTES + 2 * 2**20))
    assert answer.status_code == 413 and answer.get_json()["code"] == "body_too_large"
    assert not list(office.config.intake_dir.iterdir())
    answer = office.station.call("POST", "/api/v1/intake/files", data={"other": "x"})
    assert answer.get_json()["code"] == "intake_file_missing"


def test_the_same_file_again_is_the_same_import_until_it_is_confirmed(office: Office) -> None:
    content = exports.xlsx([exports.line()])
    file_id = office.upload(content)
    again = office.post(content)
    assert again.status_code == 200 and again.get_json()["id"] == file_id
    office.confirm(file_id)
    third = office.upload(content)
    assert third != file_id and office.file(third)["counts"]["known"] == 1


def test_giving_up_and_starting_over(office: Office) -> None:
    content = exports.xlsx([exports.line()])
    file_id = office.upload(content)
    office.station.do("intake.discard", None, file_id=file_id)
    assert office.file(file_id)["state"] == "discarded"
    assert office.station.refused("intake.confirm", None, file_id=file_id) == "intake_state_wrong"
    assert office.upload(content) != file_id
    listed = office.station.call("GET", "/api/v1/intake/files").get_json()["files"]
    assert file_id in [file["id"] for file in listed]


@pytest.mark.parametrize("who", ["liaison", "leader", "admin", "supervisor"])
def test_only_the_station_imports(office: Office, who: str) -> None:
    file_id = office.upload(exports.xlsx([exports.line()]))
    phone = office.world.phone(who)
    assert office.post(b"x", who=who).status_code == 403
    for path in ("", f"/{file_id}", f"/{file_id}/rows", f"/{file_id}/result"):
        assert phone.call("GET", f"/api/v1/intake/files{path}").status_code == 403
    for command in ("intake.confirm", "intake.discard"):
        assert phone.refused(command, None, file_id=file_id) == "not_permitted"
    assert office.file(file_id)["state"] == "preview"


def test_the_journal_tells_the_whole_import_without_a_callers_word(office: Office) -> None:
    file_id = office.upload(exports.xlsx([exports.line()]))
    office.confirm(file_id)
    events = [e for e in office.journal() if e.payload.get("file_id") == file_id]
    assert [e.name for e in events] == ["intake.uploaded", "intake.confirmed", "intake.finished"]
    assert events[2].payload["taken"] == 1
    assert "王小明" not in str([e.payload for e in events])


def test_words_of_a_platform_are_counted_and_said_once_what_they_mean(office: Office) -> None:
    rows = [exports.line(诉求类型="投诉举报类") for _ in range(3)] + [exports.line(诉求类型="领导信箱"), exports.line()]
    rows.append(exports.line(诉求内容=None, 诉求类型="投诉举报类"))
    file_id = office.upload(exports.xlsx(rows))
    seen = office.file(file_id)
    assert seen["strange"] == [
        {"field": "kind", "word": "投诉举报类", "rows": 4}, {"field": "kind", "word": "领导信箱", "rows": 1},
    ]  # fmt: skip
    columns = {row["field"]: row["index"] for row in seen["columns"] if row["field"]}
    meant = {"kind": {"投诉举报类": "complaint", "领导信箱": "suggestion"}}
    office.station.do(
        "intake.map", file_id=file_id, header_row=1, columns=columns, defaults={}, meanings=meant
    )  # fmt: skip
    office.work()
    again = office.file(file_id)
    assert (again["counts"]["ready"], again["counts"]["refused"], again["strange"]) == (5, 1, [])
