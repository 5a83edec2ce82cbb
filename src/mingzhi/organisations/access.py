"""Which bodies' objects exist for a person. One gate, one condition per line (style rule 24).

Other agencies' objects do not exist for you unless you supervise them: out of scope answers
``NotFound``, never ``NotAllowed``, so that a probe learns nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from mingzhi.kernel.errors import NotAllowed, NotFound
from mingzhi.organisations.choices import BodyKind
from mingzhi.organisations.data import Actor
from mingzhi.organisations.models import Account, Body, RoleGrant
from mingzhi.organisations.permissions import Permission
from mingzhi.organisations.roles import PERMISSIONS, permissions_of

#: What a supervisor may do in the bodies below: read. Nothing that writes is ever inherited.
SUPERVISED_READS = frozenset({Permission.CASE_READ, Permission.STATISTICS_READ, Permission.SUPERVISE_READ})

#: What a body's keepers also do for a body registered right below it, as long as nobody there can: its
#: register and its first accounts. The first holder there takes over, and the scope from above ends.
FOUNDING = frozenset(
    {
        Permission.ACCOUNT_MANAGE,
        Permission.BODY_MANAGE,
        Permission.CERTIFICATE_MANAGE,
        Permission.ROLE_MANAGE,
    }
)


@dataclass(frozen=True, slots=True)
class Scope:
    """The bodies whose objects exist for somebody under one permission."""

    body_ids: tuple[int, ...] = ()
    path_prefixes: tuple[str, ...] = ()
    everything: bool = False

    def filter(self, field: str = "body") -> Q:
        """A filter for a list; ``field`` is the foreign key (``"body"``, ``"dossier__body"``) or an id."""
        if self.everything:
            return Q()
        found = Q(**{f"{field}__in": ()})
        for body_id in self.body_ids:
            found |= Q(**{field: body_id})
        for prefix in self.path_prefixes:
            found |= Q(**{f"{field}__in": Body.objects.filter(path__startswith=prefix).values("pk")})
        return found

    def covers(self, body_id: int, path: str | None = None) -> bool:
        """Whether one body is in scope; ``path`` spares a query when the caller has it."""
        if self.everything:
            return True
        if body_id in self.body_ids:
            return True
        if not self.path_prefixes:
            return False
        if path is None:
            path = Body.objects.filter(pk=body_id).values_list("path", flat=True).first()
        return path is not None and path.startswith(self.path_prefixes)


def actor_of(account: Account, on: date) -> Actor:
    """The account's holder with the rights in force on ``on`` (two queries at most)."""
    if not account.is_active:
        raise NotAllowed("该账号已停用", remedy="请联系本机关安全管理员")
    roles = frozenset(
        RoleGrant.objects.filter(_in_force(on), account_id=account.pk).values_list("role", flat=True)
    )
    row = (
        Account.objects.filter(pk=account.pk)
        .values_list(
            "person__name",
            "person__unit_id",
            "person__active",
            "body__path",
            "body__kind",
            "body__parent__path",
        )
        .get()
    )
    name, unit_id, active, path, kind, parent_path = row
    if active is False:
        raise NotAllowed("该人员已不在岗，账号不能使用", remedy="请联系本机关安全管理员")
    permissions = permissions_of(roles)
    supervised: tuple[str, ...] = ()
    if Permission.SUPERVISE_READ in permissions:
        # A supervising organ watches every body of its government; any other body, those below itself.
        supervised = (parent_path if kind == BodyKind.SUPERVISOR and parent_path else path,)
    return Actor(
        account_id=account.pk,
        person_id=account.person_id,
        name=name or account.username,
        body_id=account.body_id,
        unit_id=unit_id,
        roles=roles,
        permissions=permissions,
        supervised=supervised,
    )


def _in_force(on: date) -> Q:
    return Q(valid_from__lte=on) & (Q(valid_until__isnull=True) | Q(valid_until__gte=on))


def system_actor(body_id: int = 0, permissions: frozenset[Permission] = frozenset()) -> Actor:
    """The system itself: the worker and the set-up commands. It holds only what the job hands it.

    ``body_id=0`` stands for the installation as a whole.
    """
    return Actor(
        account_id=None, person_id=None, name="系统", body_id=body_id, unit_id=None, permissions=permissions
    )


def in_scope(by: Actor, permission: Permission) -> Scope:
    """The bodies in which ``by`` holds ``permission``: the own body, below for supervisors' reads, and
    new bodies below that have nobody of their own for it yet."""
    own = by.may(permission)
    if own and by.account_id is None and by.person_id is None and by.body_id == 0:
        return Scope(everything=True)
    supervises = permission in SUPERVISED_READS and by.may(Permission.SUPERVISE_READ)
    founds = _founded(by, permission) if own and permission in FOUNDING else ()
    return Scope(
        body_ids=(by.body_id, *founds) if own else (), path_prefixes=by.supervised if supervises else ()
    )


def _founded(by: Actor, permission: Permission) -> tuple[int, ...]:
    holders = RoleGrant.objects.filter(
        role__in=[role for role, held in PERMISSIONS.items() if permission in held],
        ended_at=None,
        account__is_active=True,
    )
    rows = Body.objects.filter(parent_id=by.body_id).exclude(pk__in=holders.values("account__body_id"))
    return tuple(rows.order_by("pk").values_list("pk", flat=True))


def require(
    by: Actor, permission: Permission, *, body_id: int | None = None, path: str | None = None
) -> None:
    """``NotAllowed`` without the permission; ``NotFound`` when the body is not in scope."""
    reads = permission in SUPERVISED_READS and by.may(Permission.SUPERVISE_READ)
    if not by.may(permission) and not reads:
        raise NotAllowed(
            f"您没有“{PERMISSION_LABELS[permission]}”的权限",
            remedy="如工作需要，请联系本机关安全管理员授予相应角色",
            permission=permission.value,
        )
    if body_id is not None and not in_scope(by, permission).covers(body_id, path):
        raise NotFound


PERMISSION_LABELS: dict[Permission, str] = {
    Permission.ACCOUNT_MANAGE: "管理账号",
    Permission.ATTEMPTS_READ: "查看审计日志",
    Permission.BODY_MANAGE: "维护机构、内设机构与人员名录",
    Permission.CASE_ACT: "承办案件",
    Permission.CASE_APPROVE: "机关负责人审批",
    Permission.CASE_DEPUTY_APPROVE: "分管领导审批",
    Permission.CASE_READ: "查看本单位案件",
    Permission.CASE_UNIT_CHECK: "承办机构负责人审核、指派",
    Permission.CATALOGUE_MANAGE: "维护事项、依据、裁量基准与清单",
    Permission.CERTIFICATE_MANAGE: "登记、暂扣、注销执法证件",
    Permission.CLUE_REGISTER: "登记案件线索",
    Permission.CONFIG_MANAGE: "系统参数与备份",
    Permission.DEVICE_MANAGE: "管理执法设备、办案场所和记录指引",
    Permission.DISCLOSURE_CHECK: "公示审核",
    Permission.DISCLOSURE_COLLECT: "公示信息采集",
    Permission.DISCLOSURE_PUBLISH: "公示发布、撤下",
    Permission.DISCUSSION_RECORD: "集体讨论记录",
    Permission.DOSSIER_ARCHIVE: "归档、移交",
    Permission.DRAW_MAKE: "组织双随机抽查",
    Permission.HEARING_HOST: "主持听证",
    Permission.INTAKE_HANDLE: "承办公众来件",
    Permission.INTAKE_MANAGE: "受理、交办公众来件",
    Permission.INTAKE_UNSEAL: "查看投诉人、举报人身份",
    Permission.LIST_APPROVE: "批准公布清单",
    Permission.LIST_CHECK: "审核清单",
    Permission.PAYMENT_RECORD: "登记缴款",
    Permission.REVIEW_ASSIGN: "法制审核收件、指派",
    Permission.REVIEW_OPINE: "出具审核意见",
    Permission.ROLE_MANAGE: "授予角色",
    Permission.STATISTICS_APPROVE: "审定、公布统计年报",
    Permission.STATISTICS_MAKE: "编制、报送统计年报",
    Permission.STATISTICS_READ: "查看统计",
    Permission.SUPERVISE_READ: "监督查看辖区内案件",
    Permission.TEMPLATE_MANAGE: "维护文书模板",
}
