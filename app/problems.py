"""Every refusal and error of Doorstep: its stable code, HTTP status and Chinese sentence.

One catalogue for problem+json (RFC 9457), for refused commands' receipts and, exported at build time, for the
phone's own pre-checks. A sentence tells a tired liaison what is wrong and what to do; `{name}` are facts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from app.problems_inspections import SPOT_CHECKS

CATALOGUE: Final[dict[str, tuple[int, str]]] = {
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
    # --- channels
    "channel_unknown": (404, "没有“{channel}”这种通知渠道，请从列表中选择。"),
    "channel_field_wrong": (422, "“{field}”有误：{reason}，请改正后保存。"),
    "channel_url_refused": (422, "“{field}”不能使用：须是 https 的公网地址；内网地址须由运维人员加入 INSIDE_HOSTS。"),
    "channel_form_wrong": (422, "字段对应有误：“{part}”。请写作 字段=内容，内容只能是：{facts}。"),
    "channel_incomplete": (422, "启用“{label}”前请填写：{fields}。"),
    "channel_off": (409, "“{label}”尚未启用，请联系管理员。"),
    "channel_unreachable": (502, "“{label}”没有接受：{why}。请按提示处理后重试。"),
    "channel_no_contact": (409, "还没有可供测试的“{label}”收件方，请先在“我的”中绑定，或为单位添加群机器人。"),
    "binding_over": (410, "绑定已超时或已用过，请回到“我的”重新绑定。"),
    "mail_code_wrong": (422, "验证码不正确或已过期，请核对或重新获取。"),
    "callback_refused": (403, "消息校验未通过，未作任何处理，请核对公众号后台的 Token 与 EncodingAESKey。"),
    "contact_not_found": (404, "没有找到这个联系方式，可能已解除绑定，请刷新后重试。"),
    "contact_taken": (409, "这个地址已被使用，请核对。"),
    "delivery_not_found": (404, "没有找到这条发送记录，请刷新后重新选择。"),
    "delivery_not_failed": (409, "这条提醒{state}，不必重发。"),
    # --- profiles and calendar
    "policy_not_found": (404, "没有找到这份规则，请从“本地规定”中选择；您只能查看本地的规则。"),
    "policy_text_lost": (404, "第 {policy_id} 版没有保留原文，请从随产品提供的配置文件开始修改。"),
    "policy_invalid": (422, "这份规则不能发布：{where}，{reason}。请改正后再试。"),
    "calendar_year_known": (422, "{year} 年的节假日安排已经公布，请逐日更正。"),
    "calendar_year_unknown": (422, "{year} 年的节假日安排尚未公布，请先公布全年安排。"),
    "calendar_day_wrong": (422, "{day} 有误：{reason}。请改正后重新提交。"),
    # --- tickets
    "ticket_not_found": (404, "没有找到这张工单，或它不属于您的单位，请刷新列表；仍需办理的，请与工作站联系。"),
    "ticket_reassigned": (
        409,
        "这张工单已于 {at} 改派给其他单位，您的操作未生效，内容已保留。需要交代情况的，请与工作站联系。",
    ),
    "ticket_exists": (409, "工单编号 {number} 已经登记过，请在工单列表中搜索这个编号，不必重复登记。"),
    "state_wrong": (409, "工单现在是“{state}”，不能执行“{command}”：{next}。"),
    "ticket_reported": (409, "这张工单已标记报市中心，避免再次发回重办。确需发回，请勾选确认。"),
    "centre_check_missing": (422, "签收前须核实工单信息，核实后请勾选确认。"),
    "centre_signed_already": (409, "这张工单已于 {at} 由中心签收，不必再次签收，请接着联系诉求人或派单。"),
    "centre_not_signed": (409, "中心尚未签收这张工单，请先核实信息并签收（依据 {cite}）。"),
    "centre_contact_missing": (409, "派单前中心须先联系诉求人确认内容，请先记录联系（依据 {cite}）。"),
    "accept_contact_missing": (409, "受理前须先联系来电人了解详情，请先记录联系再签收（依据 {cite}）。"),
    "dispatch_ground_missing": (422, "请选择派单依据：{grounds}。"),
    "dispatch_leader_missing": (422, "依据“{ground}”派单，须写明作出批示的领导姓名。"),
    "dispatch_co_units_missing": (422, "依据“{ground}”派单，须指定至少一个协办单位。"),
    "direct_way_unknown": (422, "本地规定中没有这种直接答复方式，请派单办理或从列表中重新选择。"),
    "direct_text_missing": (422, "“{label}”须写明答复内容（至少 {min} 个字）（依据 {cite}）。"),
    "direct_template_missing": (422, "“{label}”须选用条线部门提供的回复模板（依据 {cite}）。"),
    "direct_not_told": (409, "“{label}”须先联系上诉求人，请先记录联系（依据 {cite}）。"),
    "consultation_not_found": (404, "没有找到这次会商，请刷新后重新选择。"),
    "consultation_other_unit": (409, "会商确定由“{unit}”主办，请派给该单位，或重新会商。"),
    "consultation_lead_twice": (422, "主办单位不能同时是协办单位，请核对。"),
    "consultation_lead_absent": (422, "主办单位没有参加会商，请核对参加单位，或写明指定主办单位的领导。"),
    "consultation_no_outcome": (422, "会商未达成一致的，由牵头部门办理；另行指定主办单位的，请写明作出指定的领导。"),
    "assist_open": (409, "“{unit}”已有一份尚未反馈的联系单，请等待其反馈。"),
    "assist_due_missing": (422, "吹哨须写明要求报到办结的时间。"),
    "assist_not_found": (404, "没有找到发给您单位的这份联系单，请刷新后查看。"),
    "assist_not_open": (409, "这份联系单{state}，不能再次提交；要补充的，请在工单内留言。"),
    "escalation_not_found": (404, "没有找到这项提级事项，请刷新后查看。"),
    "escalation_closed": (409, "这项提级事项已于 {at} 办结；再次出现同样情形的，请重新提级。"),
    "escalation_open": (409, "这张工单的“{label}”已经提级，请在原事项中跟进。"),
    "escalation_in_check": (409, "“{label}”正在核查，请在核查中写明结论；核查结束，这项提级事项随之办结。"),
    "escalation_not_yours": (403, "这项提级事项由{to}办结，请补充跟进情况，由其办结。"),
    "return_unit_named": (
        409,
        "这张工单经联合定责或领导指定由您单位承办，不能申请退单。如有困难，请与工作站沟通协办。",
    ),
    "unit_not_found": (404, "没有找到这个单位，它可能已经撤销，请刷新后重新选择。"),
    "person_not_found": (404, "没有找到这位人员，请刷新后重新选择。"),
    "unit_without_liaison": (409, "“{unit}”尚未指定联络员，派单后可能无人签收。确认仍要派单，请勾选确认。"),
    "same_unit": (409, "工单已经在“{unit}”，不必改派；要换单位的，请重新选择。"),
    "id_taken": (409, "这条记录的编号已被使用，内容已保留，请重新提交。"),
    "reference_unknown": (
        409,
        "操作里提到的单位、人员或记录在服务器上不存在，可能已被移走。内容已保留，请刷新后重新选择再提交。",
    ),
    "handover_same_person": (422, "交接双方不能是同一人，请选择另一位接收人。"),
    "handover_other_unit": (409, "“{name}”不是相关承办单位的联络员，请先登记其联络员身份再交接。"),
    "handover_needed": (409, "“{name}”手上还有 {count} 张未办结工单，请先办理工作交接。"),
    "membership_exists": (409, "“{name}”已担任该单位的此岗位，不必重复登记。"),
    "membership_not_found": (404, "没有找到这项任职，它可能已经结束，请刷新后查看。"),
    "phone_taken": (409, "这个手机号已被其他账号使用，请核对号码；确属同一人的，请先变更或停用原账号。"),
    "person_disabled": (409, "“{name}”的账号已停用，请先核对人员。"),
    "password_must_change": (403, "您使用的是初始密码，请先修改密码，再继续使用。"),
    "last_admin": (409, "这是本地最后一位管理员，请先指定另一位管理员。"),
    "unit_exists": (409, "已有名为“{name}”的单位，请换一个名称。"),
    "unit_changed": (409, "“{name}”刚由他人修改过，为免覆盖，您的修改没有保存。请刷新后查看，仍需要的再改一次。"),
    "unit_level_wrong": (422, "上级单位的层级须高于下级，且不能隶属于自己的下级，请重新选择。"),
    "unit_has_units": (409, "“{unit}”下面还有 {count} 个单位，请先调整或撤销下级单位。"),
    "unit_is_office": (409, "“{unit}”还有工作站、督查或管理员任职，请先结束这些任职。"),
    "unit_has_work": (409, "“{unit}”还有 {count} 项未了工作（工单、协办或承诺），请先改派或办结。"),
    "deputation_invalid": (422, "代行有误：须由他人代行审签岗位，且结束时间须晚于开始时间和现在。请核对后重新填写。"),
    "deputation_chain": (409, "“{principal}”或“{deputy}”在这段时间已有代行安排，不能再次委托。请先结束原有代行。"),
    "deputation_not_found": (404, "没有找到这项代行，它可能已经结束，请刷新后查看。"),
    "training_invalid": (422, "培训记录有误：日期不能晚于今天，一对一培训只能登记一人。请核对后重新登记。"),
    "duty_invalid": (422, "值班时间有误：结束时间须晚于开始时间，且值班人须是本单位人员。请核对后重新安排。"),
    "reveal_reason_missing": (422, "查看诉求人信息须写明原因（至少 {min} 个字）。"),
    "reveal_too_many": (429, "查看诉求人信息过于频繁，请于 {until} 后再试。"),
    "not_valid_time": (422, "{field}不合理：{reason}。请核对后重新填写。"),
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
    # --- field work
    "contact_evidence_unknown": (409, "有 {count} 份录音未登记、已撤回或不能使用，请先添加佐证再记录联系。"),
    "visit_mode_unknown": (422, "本地规定中没有这种上门方式，请从列表中重新选择。"),
    "visit_ground_unknown": (422, "本地规定中没有这种未上门原因，请从列表中重新选择。"),
    "visit_not_anonymous": (409, "诉求人不是匿名来电，不能以此为由不上门；请上门，或选择其他原因。"),
    "visit_attempts_missing": (
        409,
        "选择“{label}”须先记录 {need} 次未联系上的联系，自上次联系上以后现有 {have} 次。请继续联系并记录，或直接上门。",
    ),
    "progress_empty": (422, "“{phrase}”没有说明实际进展，请写明已做了什么、还差什么、预计何时办结。"),
    "progress_too_short": (
        422,
        "进度说明至少 {min} 个字，现有 {have} 个字。请写明已做了什么、还差什么、预计何时办结。",
    ),
    "progress_too_long": (422, "进度说明最多 {max} 个字，现有 {have} 个字，请精简后重新提交。"),
    "progress_caller_not_told": (409, "报告进度前须联系来电人说明进展并做好解释，告知后请勾选“已告知来电人”再提交。"),
    "progress_contact_missing": (
        409,
        "本次进度还没有联系上来电人的记录。请先联系来电人并记录联系，再报告进度；联系不上的，请先登记“联系不上”。",
    ),
    "proof_unknown": (409, "有 {count} 份材料未登记、已撤回或不能使用，请先添加佐证再提交，内容已保留。"),
    "progress_reason_missing": (
        422,
        "工单已超过{clock} {due}，报告进度须同时写明未按期办结的原因（至少 {min} 个字）。",
    ),
    "plan_unknown": (422, "本地规定没有报送办理方案这一项，请用“报告进度”说明办理计划。"),
    "plan_dates_missing": (422, "方案中至少要有一步尚未完成且写明今后的日期，请补充进度安排。"),
    "commitment_unknown": (422, "本地规定没有承诺办理这一项，请申请延期或报告进度。"),
    "commitment_date_wrong": (422, "承诺的时间须晚于现在，且在 {days} 天之内，请核对后重新填写。"),
    "commitment_text_short": (422, "承诺事项至少写 {min} 个字，现有 {have} 个字。请写明办什么、办到什么程度。"),
    "commitment_caller_not_told": (409, "承诺须先向来电人说明。请联系来电人并记录联系，再登记承诺。"),
    "commitment_date_missing": (422, "承诺未能兑现的，须写明改期到何时；已兑现的不需要新的时间。"),
    "commitment_not_found": (404, "没有找到这项承诺，请刷新后重试。"),
    "commitment_settled": (409, "这项承诺已于 {at} 核销，不必再次登记。"),
    # --- replies: what the gate finds
    "part_missing": (422, "“{label}”还没有写。"),
    "part_empty_phrase": (422, "“{label}”只写了“{phrase}”这类不明确的话，请写明具体情况。"),
    "part_too_short": (422, "“{label}”至少写 {min} 个字（标点不计），现有 {have} 个字。"),
    "part_too_long": (422, "“{label}”最多 {max} 个字，现有 {have} 个字，请精简。"),
    "opinion_missing": (422, "还没有选择来电人是否满意。"),
    "photo_before_missing": (422, "办理前照片至少 {min} 张，现有 {have} 张。"),
    "photo_after_missing": (422, "办理后照片至少 {min} 张，现有 {have} 张。"),
    "visit_missing": (422, "还没有上门记录；确实未上门的，请登记未上门原因。"),
    "field_missing": (422, "“{label}”还没有填。"),
    "field_wrong": (422, "“{label}”填写有误，须是具体办理人员的姓名或能打通的电话号码。"),
    "finish_missing": (422, "还没有选择办理结论。"),
    "finish_unfit": (422, "办理结论“{finish}”与所选的群众意见不一致，请重新选择。"),
    "commitment_missing": (422, "还没有写明向诉求人承诺的事项和日期。"),
    "commitment_past": (422, "承诺的日期 {due} 已过，请改为今后的日期。"),
    "basis_missing": (422, "“{finish}”须列举政策依据或说明原因，至少 {min} 个字。"),
    "statement_missing": (422, "“{finish}”须附情况说明，至少 {min} 个字。"),
    "first_contact_missing": (422, "还没有首次联系上诉求人的记录，请先联系并记录。"),
    "second_contact_missing": (422, "办理后还没有联系诉求人的记录，请告知结果、征求意见并记录。"),
    "face_to_face_missing": (422, "这类工单须与诉求人本人见面沟通、现场办理，请上门并记录，不能以其他原因代替。"),
    "recording_missing": (422, "通过电话办理且未上门的，须附通话录音。"),
    "reason_unanswered": (422, "退回原因“{reason}”还没有逐条说明如何改正（至少 {min} 个字）。"),
    # --- replies
    "reply_incomplete": (422, "回复还缺 {count} 项：{first}请补充后重新提交，内容已保留。"),
    "reply_unacknowledged": (409, "提交前请确认 {count} 项提示：{first}"),
    "reply_part_unknown": (422, "回复里有本地规定没有的内容（{parts}），请更新页面后重新提交，内容已保留。"),
    "reply_evidence_unknown": (409, "有 {count} 份佐证未登记、已撤回或不能使用，请检查佐证后重新提交，内容已保留。"),
    "assist_unreported": (409, "协办单位（{units}）尚未反馈，请先催办；确需先行答复的，请勾选确认。"),
    "reply_not_found": (404, "没有找到这份回复，请刷新后查看最新一稿。"),
    "reply_not_open": (409, "这份回复（第 {number} 稿）已不在审核中，请刷新后查看最新一稿。"),
    "reply_changed": (409, "您看到的内容与提交的回复不一致，请刷新后重新查看再签。"),
    "reply_own": (403, "不能审批自己提交的回复，请由其他人员办理。"),
    "reply_not_your_turn": (409, "现在还没有轮到您审签这份回复，请刷新后查看。"),
    "reply_signed_already": (403, "您已在这份回复上签过一次，不能再以其他岗位或代理身份签字，请由其他人员审签。"),
    "review_unchecked": (409, "审核清单还有 {count} 项没有勾选：{items}。请逐项核对，不符合的请发回重办。"),
    "callback_missing": (409, "办结前须先回访诉求人并登记回访情况，然后再审核通过。"),
    "callback_unknown": (422, "本地规定没有设置回访，请通过留言或联系记录反映情况。"),
    "callback_not_reached": (422, "未接通的回访不能填写满意度和原因，请改为“已接通”或清空这些内容。"),
    "callback_satisfaction_missing": (422, "请选择诉求人是否满意。"),
    "callback_answer_unknown": (422, "本地规定中没有“{answer}”这个选项，请从列表中重新选择。"),
    "callback_reasons_missing": (422, "诉求人不满意的，请选择或写明原因，以便承办单位改进。"),
    "callback_not_found": (404, "没有找到这次回访，或它没有需要跟踪的事项，请刷新后查看。"),
    "callback_settled": (409, "这项跟踪事项已于 {at} 了结，不必再次登记。"),
    "reopen_unknown": (409, "本地规定没有办结后重办这一项，请与承办单位在工单内留言沟通。"),
    "reopen_not_replied": (409, "这张工单不是经承办单位答复办结的，不能发回重办；如有新情况，请登记新工单。"),
    "reopen_without_callback": (409, "还没有诉求人表示不满意或未解决的回访记录，请先回访并登记，再发回重办。"),
    "evidence_in_flight": (409, "回复引用的 {count} 份佐证还没有传到服务器，请等上传完成后再审核通过。"),
    "evidence_lost": (409, "回复引用的 {count} 份佐证无法使用（已损坏或与登记不符），请发回重办，请承办单位补传。"),
    "draft_older": (
        409,
        "{by}在 {at} 保存过更新的草稿，您较早的这份没有覆盖它，内容仍保留在您的手机上，请对照两份后再保存。",
    ),
    **SPOT_CHECKS,
    # --- requests
    "request_kind_unknown": (422, "本地规定中没有这种申请，请从工单的“申请”列表中选择。"),
    "request_not_found": (404, "没有找到这项申请，请刷新后查看。"),
    "request_too_late": (409, "{label}须在 {due} 前提出（依据 {cite}），现已超过。请与工作站沟通。"),
    "extension_overdue": (409, "工单已于 {due} 超过{clock}，超期工单不予延期（依据 {cite}）。请尽快办结并回复。"),
    "request_reason_short": (422, "{label}至少写 {min} 个字，现有 {have} 个字。请把原因写详细。"),
    "request_already_open": (409, "{asked_at} 提出的“{label}”尚未答复，不能重复提出；如需修改，请先撤回。"),
    "extension_date_missing": (422, "请填写希望延至的时间。"),
    "extension_date_not_later": (422, "延至的时间须晚于现在的{clock} {due}，请改为更晚的时间。"),
    "extension_date_too_far": (422, "延至的时间不能晚于 {limit}，请核对年月日。"),
    "extension_longer_than_original": (
        409,
        "每次延期不得超过原办理时限（依据 {cite}），最晚可延至 {limit}。请改短日期，到时仍办不完的可再次申请。",
    ),
    "request_used_up": (409, "{label}最多 {most} 次（依据 {cite}），已经用完。请抓紧办结，确有困难请与工作站沟通。"),
    "request_not_verified": (
        409,
        "{label}前须先核实（依据 {cite}）。请联系诉求人或到现场查看，并记录联系或上门，再提出申请。",
    ),
    "request_not_visited": (409, "{label}前须先上门劝解（依据 {cite}）。请上门并记录“上门劝”，再提出申请。"),
    "request_caller_not_told": (
        409,
        "{label}前须先告知诉求人并做好解释（依据 {cite}）。请联系诉求人，用途选“告知”，接通后再提出申请。",
    ),
    "request_unit_missing": (422, "{label}须写明建议由哪个单位办理（依据 {cite}），请从单位列表中选择。"),
    "request_ground_unknown": (422, "“{label}”的情形里有本地规定没有的选项，请更新页面后重新选择，内容已保留。"),
    "request_ground_missing": (422, "{label}须至少勾选一种情形（依据 {cite}）。"),
    "request_field_missing": (422, "“{field}”必须填写，请补充后重新提交。"),
    "request_field_phone": (422, "“{field}”须是可以拨打的电话号码，请核对后重新填写。"),
    "request_field_unknown": (422, "“{label}”里有本地规定没有的栏目，请更新页面后重新填写，内容已保留。"),
    "request_variant_unknown": (422, "“{label}”没有这种办理方式，请更新页面后重新选择。"),
    "request_materials_missing": (
        422,
        "须附{label}至少 {min} 份，现有 {have} 份。{hint}。请先添加佐证，再在申请中勾选。",
    ),
    "request_panel_unknown": (422, "“{label}”不需要评价员，请去掉后重新提交。"),
    "request_panel_small": (422, "评价员至少 {min} 人且须为单数，现有 {have} 人。请补充评价员后重新提交。"),
    "request_until_missing": (422, "{label}须写明日期，请选择后重新提交。"),
    "request_until_past": (422, "{label}的日期须晚于现在，请核对年月日。"),
    "suspension_too_short": (
        422,
        "{label}只适用于办理时间超过 {days} 天的诉求（依据 {cite}）。能在此之前办完的，请申请延期。",
    ),
    "request_not_yours": (403, "“{label}”不由您的岗位提出，请交由有关人员办理。"),
    "request_not_your_turn": (409, "这项申请正等“{stage}”，不由您的岗位办理，请等待或提醒对方。"),
    "request_own": (403, "不能审批自己提出的申请或答复，请由其他人员办理。"),
    "evaluator_not_found": (404, "没有找到这位评价员，请刷新后重试。"),
    "evaluator_voted": (409, "“{name}”已经表态，不能再次登记；登错的，请在工单内留言说明。"),
    "request_not_open": (409, "这项申请现在是“{state}”，不能再执行“{command}”，请刷新后查看结果。"),
    "request_lapsed": (409, "工单已改派其他单位或已办结，这项申请不再有效；仍需要的，请重新提出。"),
    # --- intake: files, platforms, results
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
    # --- findings
    "finding_not_found": (404, "没有找到这条疑点，可能不在您的查看范围内，请刷新后查看。"),
    "finding_state_wrong": (409, "这条疑点现在是“{state}”，请刷新后查看。"),
    # --- reminders
    "notice_not_found": (404, "没有找到这条提醒，可能已被清理，请刷新后查看。"),
    "push_unavailable": (404, "本系统未开通消息推送，提醒请看“提醒”页。"),
    "push_endpoint_refused": (422, "浏览器给出的推送地址不可用，本机无法接收推送；提醒请看“提醒”页。"),
    "nudged_already": (409, "刚刚催办过，{minutes} 分钟后可再催；着急请直接打电话。"),
    "push_not_subscribed": (409, "本机尚未开启推送，请先开启再测试。"),
}


@dataclass(frozen=True, slots=True)
class Allowed:
    """Verdict: the command may go on."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Verdict: the command may not go on; `code` is in `CATALOGUE`, `facts` fill its sentence."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.code not in CATALOGUE:
            raise KeyError(f"problem code {self.code!r} is not in the catalogue")


Verdict = Allowed | Refused
ALLOWED: Final = Allowed()


class Problem(Exception):
    """A refusal or fault on its way to the caller; nothing it interrupts is kept."""

    def __init__(self, code: str, /, errors: dict[str, Any] | None = None, **facts: Any) -> None:
        super().__init__(code)
        if code not in CATALOGUE:
            raise KeyError(f"problem code {code!r} is not in the catalogue")
        self.code = code
        self.facts = facts
        self.errors = errors

    @property
    def status(self) -> int:
        """HTTP status of the code."""
        return CATALOGUE[self.code][0]

    @property
    def message(self) -> str:
        """The Chinese sentence with its facts filled in."""
        return sentence(self.code, self.facts)


# Receipts from before these facts were said, and refusals that name nobody, still tell what to do.
_UNSAID: Final = {"by": "有权办理的岗位", "next": "请打开工单，看现在由谁办理、下一步是什么"}


class _Gap(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return _UNSAID.get(key, "—")


def sentence(code: str, facts: dict[str, Any]) -> str:
    """Return the sentence of `code` with `facts` filled in; a missing fact reads as a dash, never as an error."""
    return CATALOGUE[code][1].format_map(_Gap(facts))


def require(verdict: Verdict) -> None:
    """Raise `Problem` when the verdict is a refusal."""
    if isinstance(verdict, Refused):
        raise Problem(verdict.code, **verdict.facts)
