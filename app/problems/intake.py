"""Refusals: files, platforms and results; part of the one catalogue in `app.problems`. Pure."""

from __future__ import annotations

from typing import Final

INTAKE: Final[dict[str, tuple[int, str]]] = {
    "intake_file_too_big": (413, "文件超过 {limit_mb} MB 的上限，请分成几个文件导出后再上传。"),
    "intake_file_missing": (422, "没有收到文件，请选择 .xlsx 或 .csv 文件后再上传。"),
    "intake_file_not_found": (404, "没有找到这次导入，可能已被清理，请重新上传文件。"),
    "intake_state_wrong": (409, "这次导入现在是“{state}”，不能再执行“{command}”，请刷新后查看。"),
    "intake_mapping_invalid": (422, "列的对应关系有误：{reason}。请改正后再核对。"),
    "intake_nothing_ready": (409, "没有可以登记的行：{known} 行已有，{refused} 行有误。请更正文件后重新上传。"),
    "platform_unsigned": (401, "请求没有完整的签名，请按接口说明填写密钥编号、时间、请求编号与签名。"),
    "platform_clock_wrong": (401, "签名时间与服务器时间 {now} 相差超过 5 分钟，请校准时钟后重发。"),
    "platform_signature_wrong": (401, "密钥编号或签名不正确，请核对密钥与签名内容。"),
    "platform_key_revoked": (403, "密钥“{label}”已停用，请向管理员申请新的密钥。"),
    "platform_batch_invalid": (422, "一次须报送 1 至 {most} 张工单，请分批报送。"),
    "idempotency_key_reused": (422, "同一请求编号已用于另一项内容，未作任何处理；新的内容请使用新的编号。"),
    "intake_key_not_found": (404, "没有找到这个密钥，请刷新后查看。"),
    "secret_unreadable": (409, "密钥无法解开：系统的 SECRET_KEY 已更换，请重新生成密钥。"),
    "webhook_not_found": (404, "没有找到这个接收地址，请刷新后查看。"),
    "webhook_url_refused": (422, "地址不可用（{why}），须是公网可访问的 https 地址。"),
    "webhook_delivery_not_found": (404, "没有找到这条发送记录，可能已重新发送，请刷新后查看。"),
    "webhook_inactive": (409, "接收地址“{label}”已停用，请先启用。"),
}
