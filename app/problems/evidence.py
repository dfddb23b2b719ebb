"""Refusals: photographs and recordings; part of the one catalogue in `app.problems`. Pure."""

from __future__ import annotations

from typing import Final

EVIDENCE: Final[dict[str, tuple[int, str]]] = {
    # --- evidence: declaring and uploading
    "evidence_not_declared": (409, "这份佐证还没有登记，请先发送登记再上传；文件仍在手机上。"),
    "bundle_not_found": (404, "没有找到这份证据包，可能已过期删除，请重新导出。"),
    "bundle_not_ready": (409, "这份证据包{state}，请稍候再下载，或重新导出。"),
    "bundle_under_way": (409, "这张工单正在制作证据包，请等它完成后再导出。"),
    "bundle_of_other": (403, "这份证据包含诉求人的完整信息，只能由导出的人下载；需要的请自行导出。"),
    "evidence_not_found": (404, "没有找到这份佐证，或它不属于您的单位，请刷新后查看。"),
    "evidence_not_ready": (404, "佐证还在处理，请稍后再查看。"),
    "evidence_phase_of_supervisor": (403, "现场核查的照片只能由督查人员拍摄；请选择办理前、办理后或其他。"),
    "evidence_type_wrong": (422, "不支持 {media_type} 类型的文件，请改用照片、录音或 PDF。"),
    "evidence_empty": (422, "文件是空的（0 字节），请重新拍摄或选择。"),
    "evidence_too_big": (422, "文件超过 {limit_mb} MB 的上限，请压缩后再添加。"),
    "evidence_hash_mismatch": (460, "收到的文件与登记时不一致，已拒收；请从手机重新上传原文件。"),
    "upload_length_missing": (400, "上传请求没有写明文件大小。"),
    "upload_length_differs": (
        422,
        "要上传的文件为 {have} 字节，与登记的 {declared} 字节不符，已拒收；请从手机重新上传原文件。",
    ),
    "upload_too_long": (413, "上传的内容超出登记的 {declared} 字节，超出部分已拒收；请从手机重新上传原文件。"),
    "upload_offset_wrong": (409, "上传位置不对，服务器已收到 {offset} 字节，请从那里继续。"),
    "upload_not_found": (404, "没有找到这次上传，可能已过期，请重新开始上传；文件仍在手机上。"),
    "upload_checksum_mismatch": (460, "这一段在传输中损坏，请重传这一段。"),
    "upload_checksum_unknown": (400, "不支持的校验方式，请使用 sha1 或 sha256。"),
    "upload_request_invalid": (400, "上传请求有误：{reason}。"),
    "tus_version_wrong": (412, "上传协议版本不符，服务器支持 {supported}，请更新页面后重试。"),
    # --- evidence: why a received file was rejected
    "evidence_mislabelled": (422, "文件内容是 {found}，与登记的 {declared} 不符，不能作为佐证；请重新添加。"),
    "evidence_unprocessable": (422, "文件多次处理失败，不能作为佐证；原件已保留，请重新拍摄或联系管理员。"),
    "photo_damaged": (422, "照片不完整或已损坏，无法打开；请重新拍摄。"),
    "photo_too_many_pixels": (422, "照片像素过大（上限 {limit} 百万像素），请调低相机分辨率后重拍。"),
    "audio_damaged": (422, "录音已损坏，无法播放；请重新添加。"),
    "audio_cut": (422, "录音不完整（后半段缺失），请重新添加原文件。"),
    "audio_silent_file": (422, "文件里没有声音，请检查后重新添加。"),
    "audio_too_long": (422, "录音超过 {hours} 小时，请截取后再添加。"),
}
