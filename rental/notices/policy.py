"""What the service tells people, in which words, through which channels."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from rental.foundation.words import N_

#: How long a claimed delivery is left to who claimed it; and after how many claims it has failed.
LEASE = timedelta(minutes=5)
MAX_TRIES = 8


def pause_after(tries: int) -> int:
    """Return how many minutes to wait after so many failed tries: 1, 2, 4 … at most 64."""
    return 1 << min(max(tries, 1) - 1, 6)


class Channel(StrEnum):
    """A way out of the house; in-app needs none."""

    CONSOLE = "console"


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


class NoticeKind(StrEnum):
    """Every message the service sends."""

    APPLICATION_RECEIVED = "application_received"
    PAPERS_REQUESTED = "papers_requested"
    APPROVED = "approved"
    REFUSED = "refused"
    REVOKED = "revoked"
    REVOKED_IN_PART = "revoked_in_part"
    RESERVED = "reserved"
    RESERVATION_CHANGED = "reservation_changed"
    RESERVATION_CANCELLED = "reservation_cancelled"
    RESERVATION_EXPIRED = "reservation_expired"
    VISIT_CLOSED = "visit_closed"
    DELIVERY_CLOSED = "delivery_closed"
    ISSUED = "issued"
    ISSUE_UNDONE = "issue_undone"
    RETURNED = "returned"
    RETURN_UNDONE = "return_undone"
    RENEWED = "renewed"
    DUE_MOVED = "due_moved"
    DUE_EARLIER = "due_earlier"
    DUE_IN_3_DAYS = "due_in_3_days"
    DUE_TODAY = "due_today"
    OVERDUE_1_DAY = "overdue_1_day"
    OVERDUE_7_DAYS = "overdue_7_days"


@dataclass(frozen=True, slots=True)
class Text:
    """Title and body of a message: msgids with named placeholders.

    Attributes:
        bodies: Bodies that say it more exactly, each by the value of ``variant`` among the
            message's values; whoever sends none, or sent it before there were any, has ``body``.
    """

    title: str
    body: str
    bodies: Mapping[str, str] = field(default_factory=dict)

    def body_for(self, values: Mapping[str, object]) -> str:
        """Return the body of a message with the values."""
        return self.bodies.get(str(values.get("variant")), self.body)


TEXTS: dict[NoticeKind, Text] = {
    NoticeKind.APPLICATION_RECEIVED: Text(
        N_("资格申请已收到"),
        N_("您的资格申请我们已经收到，一般 3 个工作日内答复。需要补材料时我们会联系您。"),
        {"bring": N_("您的资格申请我们已经收到。%(bring)s")},
    ),
    NoticeKind.PAPERS_REQUESTED: Text(
        N_("请补充材料"),
        N_("您的资格申请还缺材料：%(reason)s 请带到租赁点，或打电话问我们怎么办。"),
        {
            "bring": N_("您的资格申请还缺材料。%(bring)s"),
            "bring_note": N_("您的资格申请还缺材料。审核人员说：“%(note)s”%(bring)s"),
        },
    ),
    NoticeKind.APPROVED: Text(
        N_("资格审核已通过"),
        N_("您可以免费借用康复辅具了，资格到 %(until)s 为止。"),
    ),
    NoticeKind.REFUSED: Text(
        N_("资格审核未通过"),
        N_("这次申请没有通过：%(reason)s 情况有变化可以再申请，有疑问请打电话。"),
    ),
    NoticeKind.REVOKED: Text(
        N_("资格已撤销"),
        N_(
            "您的借用资格从今天起不再有效。原因：%(reason)s。"
            "手里的器具可以用到约好的日期。情况有变化可以再申请，有疑问请打电话。"
        ),
    ),
    NoticeKind.REVOKED_IN_PART: Text(
        N_("一项资格撤销，您还能借"),
        N_(
            "您的一项借用资格（%(ground)s）从今天起不再有效。原因：%(reason)s。"
            "您另有一项资格还有效，到 %(until)s 为止，可以照常借，不用再申请。有疑问请打电话。"
        ),
    ),
    NoticeKind.RESERVED: Text(
        N_("预约成功"),
        N_("您预约的%(kind)s已经留好，请在 %(start)s 来取或等我们送到。预约号 %(code)s。"),
        {
            "pickup": N_(
                "您预约的%(kind)s已经留好，请在 %(start)s 到租赁点来取，带上使用人的身份证。"
                "预约号 %(code)s。"
            ),
            "delivery": N_(
                "您预约的%(kind)s，我们在 %(start)s 送到家，请家里留人。预约号 %(code)s。"
            ),
        },
    ),
    NoticeKind.RESERVATION_CHANGED: Text(
        N_("预约已改期"),
        N_("您预约的%(kind)s改到 %(start)s。预约号 %(code)s。"),
    ),
    NoticeKind.RESERVATION_CANCELLED: Text(
        N_("预约已取消"),
        N_("您预约的%(kind)s已经取消，需要时可以重新预约。"),
    ),
    NoticeKind.RESERVATION_EXPIRED: Text(
        N_("预约已过期"),
        N_("您预约的%(kind)s过了保留的日子没有取走，先不留了。还需要的话请重新预约，或打电话。"),
    ),
    NoticeKind.VISIT_CLOSED: Text(
        N_("约好的时间不开门"),
        N_(
            "%(day)s 我们不开门，请不要白跑。您预约的%(kind)s还给您留着，"
            "请在 %(next)s 或以后来，最好先在网上改期，或打电话。预约号 %(code)s。"
        ),
    ),
    NoticeKind.DELIVERY_CLOSED: Text(
        N_("约好的那天不送货"),
        N_(
            "%(day)s 我们不开门，不能给您送%(kind)s，器具还给您留着。"
            "%(next)s 起可以送，请在网上改期，或打电话和我们另约。预约号 %(code)s。"
        ),
    ),
    NoticeKind.ISSUED: Text(
        N_("器具已借出"),
        N_("您借的%(kind)s最晚 %(due)s 归还；还要用可以续借。"),
    ),
    NoticeKind.RETURNED: Text(
        N_("器具已归还"),
        N_("您借的%(kind)s我们已经收到，借用到此结束。谢谢您爱护器具。"),
    ),
    NoticeKind.ISSUE_UNDONE: Text(
        N_("借出登记已撤销"),
        N_(
            "刚才把%(kind)s登记在您名下，是我们记错了，已经撤销。"
            "您不用归还，也不影响您以后借用。有疑问请打电话。"
        ),
    ),
    NoticeKind.RETURN_UNDONE: Text(
        N_("归还登记已撤销"),
        N_(
            "您借的%(kind)s，刚才的归还记错了，已经改回来；"
            "器具仍由您保管，最晚 %(due)s 归还。有疑问请打电话。"
        ),
    ),
    NoticeKind.RENEWED: Text(
        N_("续借成功"),
        N_("您借的%(kind)s可以用到 %(due)s。"),
    ),
    NoticeKind.DUE_MOVED: Text(
        N_("归还日期顺延"),
        N_("%(closed)s 我们不开门，您借的%(kind)s可以用到 %(due)s 再还，不算过期。"),
    ),
    NoticeKind.DUE_EARLIER: Text(
        N_("归还日期提前"),
        N_(
            "%(closed)s 我们不开门，您借的%(kind)s有效期到 %(expires)s，过后不能再用。"
            "请在 %(due)s 以前归还；不方便来，或者要换一件，请打电话给我们。"
        ),
    ),
    NoticeKind.DUE_IN_3_DAYS: Text(
        N_("快到期了"),
        N_(
            "您借的%(kind)s在 %(due)s 到期。还要用请在网上续借或打电话；"
            "不方便送回，我们可以上门取。"
        ),
    ),
    NoticeKind.DUE_TODAY: Text(
        N_("今天到期"),
        N_("您借的%(kind)s今天到期。还要用请续借；不方便送回，请打电话，我们上门取。"),
    ),
    NoticeKind.OVERDUE_1_DAY: Text(
        N_("已经到期"),
        N_("您借的%(kind)s在 %(due)s 到期了。请打电话告诉我们还要不要用，我们一起想办法。"),
    ),
    NoticeKind.OVERDUE_7_DAYS: Text(
        N_("过期好几天了"),
        N_("您借的%(kind)s在 %(due)s 就到期了。请打电话告诉我们还要不要用，不用了可以上门取。"),
    ),
}
