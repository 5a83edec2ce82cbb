"""Named permissions. Grammar: ``room:thing:act``, alphabetical, one sentence each.

A role is a set of these (``organisations.roles``); a procedure row names one; an object is reached
only through a gate that asks for one. Nobody holds all of them.
"""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """What a person may be allowed to do. The comment is the sentence shown in the role editor."""

    ACCOUNT_MANAGE = "organisations:account:manage"  # 管理账号（安全管理员）
    ATTEMPTS_READ = "ledger:attempts:read"  # 查看审计日志（安全审计员）
    BODY_MANAGE = "organisations:body:manage"  # 维护机构、内设机构与人员名录
    CASE_ACT = "cases:case:act"  # 承办案件：调查取证、制作文书
    CASE_APPROVE = "cases:case:approve"  # 机关负责人审批：立案、保全、决定、结案
    CASE_DEPUTY_APPROVE = "cases:case:deputy_approve"  # 分管领导审批：审核延期等
    CASE_READ = "cases:case:read"  # 查看本单位案件
    CASE_UNIT_CHECK = "cases:case:unit_check"  # 承办机构负责人审核、指派
    CATALOGUE_MANAGE = "catalogue:list:manage"  # 维护事项、依据、裁量基准与清单
    CERTIFICATE_MANAGE = "organisations:certificate:manage"  # 登记、暂扣、注销执法证件
    CLUE_REGISTER = "cases:clue:register"  # 登记案件线索
    CONFIG_MANAGE = "system:config:manage"  # 系统参数与备份（系统管理员）
    DEVICE_MANAGE = "recording:device:manage"  # 管理执法设备、办案场所、用语指引和示范视频
    DISCLOSURE_CHECK = "publication:disclosure:check"  # 公示审核（与采集人不得为同一人）
    DISCLOSURE_COLLECT = "publication:disclosure:collect"  # 公示信息采集、脱敏
    DISCLOSURE_PUBLISH = "publication:disclosure:publish"  # 公示发布、撤下
    DISCUSSION_RECORD = "deliberations:discussion:record"  # 集体讨论记录
    DOSSIER_ARCHIVE = "dossiers:dossier:archive"  # 归档、移交
    DRAW_MAKE = "double_random:draw:make"  # 组织双随机抽查：公布名录、主持抽取、替换检查人员
    HEARING_HOST = "deliberations:hearing:host"  # 主持听证
    INTAKE_HANDLE = "publication:intake:handle"  # 承办公众来件：核查、答复交办给本机构或者本人的来件
    INTAKE_MANAGE = "publication:intake:manage"  # 受理、转送、交办公众来件
    INTAKE_UNSEAL = "publication:intake:unseal"  # 查看投诉人、举报人的称呼和联系方式（须填写用途）
    LIST_APPROVE = "catalogue:list:approve"  # 批准公布清单、指南、制度（机关负责人、分管领导）
    LIST_CHECK = "catalogue:list:check"  # 审核清单及调整申请的合法性（与起草人不得为同一人）
    PAYMENT_RECORD = "cases:payment:record"  # 登记代收机构、财政回传的缴款
    REVIEW_ASSIGN = "review:request:assign"  # 法制审核机构负责人：收件、指派
    REVIEW_OPINE = "review:opinion:give"  # 法制审核人员：出具审核意见
    ROLE_MANAGE = "organisations:role:manage"  # 授予角色（安全管理员）
    STATISTICS_APPROVE = "supervision:report:approve"  # 审定、公布统计年报（与编制人不得为同一人）
    STATISTICS_MAKE = "supervision:report:make"  # 编制、定版、报送统计年报
    STATISTICS_READ = "supervision:statistics:read"  # 查看统计
    SUPERVISE_READ = "supervision:case:read"  # 监督人员：查看辖区内全部案件
    TEMPLATE_MANAGE = "documents:template:manage"  # 维护文书模板
