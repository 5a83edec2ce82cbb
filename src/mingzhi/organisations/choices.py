"""Choices of the organisations room. Values only grow (style rule 12)."""

from __future__ import annotations

from django.db import models


class BodyKind(models.TextChoices):
    STATUTORY = "statutory", "法定行政机关"
    AUTHORISED = "authorised", "法律法规授权组织"
    ENTRUSTED = "entrusted", "受委托组织"
    GOVERNMENT = "government", "人民政府"
    SUPERVISOR = "supervisor", "行政执法监督机构"


class BodyLevel(models.TextChoices):
    PROVINCE = "province", "省级"
    CITY = "city", "市级"
    COUNTY = "county", "县级"
    TOWNSHIP = "township", "乡镇街道"


class UnitKind(models.TextChoices):
    ENFORCEMENT = "enforcement", "执法机构"
    REVIEW = "review", "法制审核机构"
    OFFICE = "office", "综合机构"
    LEADERSHIP = "leadership", "领导班子"
    DISCIPLINE = "discipline", "纪检监督机构"


class PlaceKind(models.TextChoices):
    """执法场所的类别 (S0 四（一）1（1）: 单位本部、各科所、执法大厅)."""

    HEADQUARTERS = "headquarters", "单位本部"
    OFFICE = "office", "科所（站、中队）"
    HALL = "hall", "执法大厅"


class StaffingKind(models.TextChoices):
    ESTABLISHED = "established", "在编在职"
    AUXILIARY = "auxiliary", "辅助人员"
    ADVISER = "adviser", "法律顾问、公职律师"


class CertificateKind(models.TextChoices):
    ENFORCEMENT = "enforcement", "行政执法证"
    SUPERVISION = "supervision", "行政执法监督证"


class CertificateEventKind(models.TextChoices):
    SUSPEND = "suspend", "暂扣"
    RESTORE = "restore", "恢复"
    REVOKE = "revoke", "注销"


class QualificationKind(models.TextChoices):
    LAW = "law", "国家统一法律职业资格"
    HEARING_HOST = "hearing_host", "听证主持人资格"
    PUBLIC_LAWYER = "public_lawyer", "公职律师"


class TrainingKind(models.TextChoices):
    ENTRY = "entry", "岗前培训考试"
    UPDATE = "update", "更新培训考试"
    REVIEWER = "reviewer", "法制审核人员培训"
    LAW_EXAM = "law_exam", "国家统一法律职业资格考试"
    OTHER = "other", "其他培训"


class CertificateStatus(models.TextChoices):
    """What a certificate is worth on one day; only ``VALID`` counts toward two officers."""

    VALID = "valid", "有效"
    SUSPENDED = "suspended", "暂扣"
    REVOKED = "revoked", "注销"
    EXPIRED = "expired", "过期"
    EARLY = "early", "尚未生效"
    SCOPE = "scope", "执法领域不符"
    UNINSPECTED = "uninspected", "未按期审验"
    UNTRAINED = "untrained", "未按期更新培训"
    AUXILIARY = "auxiliary", "辅助人员"
    LEFT = "left", "不在岗"
    NONE = "none", "无证件"


class Role(models.TextChoices):
    """Roles of domain §8.1."""

    OFFICER = "officer", "承办人"
    UNIT_HEAD = "unit_head", "承办机构负责人"
    REVIEWER = "reviewer", "法制审核人员"
    REVIEW_HEAD = "review_head", "法制审核机构负责人"
    HEARING_HOST = "hearing_host", "听证主持人"
    DEPUTY_LEADER = "deputy_leader", "分管领导"
    LEADER = "leader", "机关负责人"
    DISCUSSANT = "discussant", "集体讨论成员"
    DISCLOSURE_COLLECTOR = "disclosure_collector", "公示采集员"
    DISCLOSURE_CHECKER = "disclosure_checker", "公示审核员"
    DISCLOSURE_PUBLISHER = "disclosure_publisher", "公示发布员"
    STATISTICIAN = "statistician", "统计员"
    LIST_KEEPER = "list_keeper", "目录清单管理员"
    ARCHIVIST = "archivist", "档案员"
    EVALUATOR = "evaluator", "案卷评查员"
    SUPERVISOR = "supervisor", "监督人员"
    WINDOW_CLERK = "window_clerk", "窗口人员"
    COMPLAINTS_KEEPER = "complaints_keeper", "投诉举报专管员"
    ADVISER = "adviser", "法律顾问、公职律师"
    CASHIER = "cashier", "缴款登记员"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDIT_ADMIN = "audit_admin", "安全审计员"
