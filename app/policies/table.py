"""One table of a profile, read key by key with refusals an administrator can act on. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

T = TypeVar("T")


class ProfileInvalid(ValueError):
    """A profile that cannot be used: `file`, dotted `key` and a Chinese `reason`."""

    def __init__(self, file: str, key: str, reason: str) -> None:
        super().__init__(f"配置文件 {file}，{key or '全文'}：{reason}")
        self.file = file
        self.key = key
        self.reason = reason


class Table:
    """A TOML table that remembers which of its keys were read."""

    def __init__(self, content: Mapping[str, Any], file: str, path: str = "") -> None:
        self._content = content
        self._file = file
        self._path = path
        self._read: set[str] = set()

    def wrong(self, key: str, reason: str) -> ProfileInvalid:
        """Return the refusal of `key` in this table."""
        return ProfileInvalid(self._file, self._name(key), reason)

    def has(self, key: str) -> bool:
        """Return whether the key is written."""
        return key in self._content

    def is_text(self, key: str) -> bool:
        """Return whether the key holds a text."""
        return isinstance(self._content.get(key), str)

    def text(self, key: str) -> str:
        """Return a text that is not blank."""
        value = self._value(key, str, "文字")
        if not value.strip():
            raise self.wrong(key, "不能为空")
        return str(value)

    def whole(self, key: str, least: int | None = 0) -> int:
        """Return a whole number, at least `least` unless that is None."""
        value = self._value(key, int, "整数")
        if least is not None and value < least:
            raise self.wrong(key, f"不能小于 {least}")
        return int(value)

    def flag(self, key: str) -> bool:
        """Return true or false."""
        return bool(self._value(key, bool, "true 或 false"))

    def choice(self, key: str, choices: Collection[str]) -> str:
        """Return one of `choices`."""
        value = self.text(key)
        if value not in choices:
            raise self.wrong(key, f"“{value}”不在可选值中（{'、'.join(choices)}）")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts without blanks; repeats are refused."""
        values = self._value(key, list, "列表")
        if not values or not all(isinstance(v, str) and v.strip() for v in values):
            raise self.wrong(key, "应为至少一项、每项都不为空的文字列表")
        repeated = [v for v in values if values.count(v) > 1]
        if repeated:
            raise self.wrong(key, f"“{repeated[0]}”重复")
        return tuple(values)

    def table(self, key: str) -> Table:
        """Return a table inside this one."""
        return Table(self._value(key, dict, "表"), self._file, self._name(key))

    def maybe(self, key: str) -> Table | None:
        """Return a table inside this one, or None when it is not written."""
        return self.table(key) if self.has(key) else None

    def each(self, key: str, read: Callable[[Table], T]) -> tuple[T, ...]:
        """Return what `read` makes of each table of a list with at least one."""
        values = self._value(key, list, "列表")
        if not values or not all(isinstance(v, dict) for v in values):
            raise self.wrong(key, "应为至少一项的表列表")
        tables = [Table(v, self._file, f"{self._name(key)}[{n}]") for n, v in enumerate(values)]
        return tuple(t.done(read(t)) for t in tables)

    def text_or_none(self, key: str) -> str | None:
        """Return a text, or None when it is not written."""
        return self.text(key) if self.has(key) else None

    def whole_or_none(self, key: str, least: int | None = 1) -> int | None:
        """Return a whole number, or None when it is not written."""
        return self.whole(key, least) if self.has(key) else None

    def flag_or_no(self, key: str) -> bool:
        """Return true or false; what is not written is false."""
        return self.flag(key) if self.has(key) else False

    def texts_or_none(self, key: str, choices: Collection[str] | None = None) -> tuple[str, ...]:
        """Return a list of texts (each one of `choices`, if given), empty when it is not written."""
        values = self.texts(key) if self.has(key) else ()
        strange = [v for v in values if choices is not None and v not in choices]
        if strange:
            raise self.wrong(key, f"“{strange[0]}”不在可选值中（{'、'.join(choices or ())}）")
        return values

    def each_or_none(self, key: str, read: Callable[[Table], T]) -> tuple[T, ...]:
        """Return what `read` makes of each table of a list, empty when it is not written."""
        return self.each(key, read) if self.has(key) else ()

    def made_or_none(self, key: str, read: Callable[[Table], T]) -> T | None:
        """Return what `read` makes of the table inside this one, or None when it is not written."""
        inner = self.maybe(key)
        return inner.done(read(inner)) if inner is not None else None

    def cited(self) -> dict[str, Any]:
        """Return the clause and whether the value is a local convention."""
        return {"cite": self.text("cite"), "assumed": self.flag_or_no("assumed")}

    def done(self, made: T) -> T:
        """Return `made` after checking that every key was read."""
        self.finish()
        return made

    def finish(self) -> None:
        """Raise `ProfileInvalid` for a key that nobody read."""
        unread = [key for key in self._content if key not in self._read]
        if unread:
            raise self.wrong(unread[0], "不认识这一项，请检查拼写")

    def _name(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def _value(self, key: str, kind: type, called: str) -> Any:
        if key not in self._content:
            raise self.wrong(key, "缺少这一项")
        value = self._content[key]
        # bool is an int in Python; `version = true` is a mistake all the same.
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.wrong(key, f"应为{called}")
        self._read.add(key)
        return value
