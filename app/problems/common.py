"""Refusals: the wire, commands and who somebody is; part of the one catalogue in `app.problems`. Pure."""

from __future__ import annotations

from typing import Final

COMMON: Final[dict[str, tuple[int, str]]] = {
    # --- the wire
    "body_not_json": (400, "发送的内容不完整或格式有误，请重试；若多次出现，请导出备份后联系管理员。"),
    "body_too_large": (413, "一次发送的内容过大（上限 {limit_kb} KB），请分批发送。"),
    "batch_invalid": (422, "发送的内容有误，未作任何处理。请更新页面后重试；仍不行的，请导出备份并联系管理员。"),
    "request_invalid": (422, "填写的内容有误，请按提示修改后重试。"),
    "not_found": (404, "没有找到您要的内容，可能已被移走，请返回上一页刷新。"),
    "method_not_allowed": (405, "此操作不受支持，请更新页面后重试。"),
    "too_many_requests": (429, "操作太频繁，请稍候再试。"),
    "internal_error": (500, "服务器出现意外，您的内容仍保存在手机上，稍后会自动重试。"),
    "database_busy": (503, "服务器繁忙，您的内容仍保存在手机上，稍后会自动重试。"),
    "storage_full": (507, "服务器存储空间已满，内容尚未收下，请通知管理员；手机上的内容不会丢失。"),
    # --- commands
    "command_unknown": (422, "本系统不认识操作“{name}”，请更新页面后重试。"),
    "command_invalid": (422, "操作内容有误：{reason}。内容已保留，请修改后重新提交。"),
    "command_id_reused": (422, "同一编号已用于另一项操作，未作任何处理。请重新操作；仍不行的，请联系管理员。"),
    # --- who you are
    "token_missing": (401, "请先登录。"),
    "token_invalid": (401, "登录信息无效，请重新登录。"),
    "token_expired": (401, "登录已过期，正在续期。"),
    "device_revoked": (401, "此设备已被停用，请重新登录或联系管理员。"),
    "session_expired": (401, "登录已过期，请重新登录。未发送的内容仍在手机上。"),
    "session_reused": (401, "登录凭据在别处被使用过，为安全起见请重新登录。未发送的内容仍在手机上。"),
    "credentials_wrong": (401, "手机号或密码不正确，请核对后重试，还可尝试 {attempts_left} 次；忘记密码请联系管理员。"),
    "account_locked": (423, "密码错误次数过多，账号已锁定至 {until}，请稍后再试或联系管理员。"),
    "password_old_wrong": (422, "原密码不正确，请重新输入；忘记的请管理员发放初始密码。"),
    "password_weak": (422, "新密码至少 {min} 位，且不能与手机号或旧密码相同，请另设一个。"),
    "not_permitted": (403, "您的岗位不能执行“{command}”，请交由{by}办理。"),
}
