"""What the pages show: plain values that the use cases return and the templates read.

Nothing in here knows the database or Flask. Texts are as people typed them (Markdown where a page says so);
times are aware and in UTC, the page shows them in the reader's zone. `actions` holds the names of the use
cases that this reader may call now, so that a page offers exactly what the rules would accept.
"""

from issuer.service.models.applications import (
    ApplicationPage,
    CheckItem,
    CheckWord,
    Claim,
    Evaluation,
    EvidenceItem,
    WitnessItem,
)
from issuer.service.models.badges import BadgeCard, BadgePage
from issuer.service.models.circles import CircleCard, CirclePage, RoleHolder
from issuer.service.models.common import CaseRow, Mode, Person, StoryItem, Task
from issuer.service.models.credentials import CredentialPage, Signed
from issuer.service.models.decisions import (
    AnswerView,
    DecisionPage,
    LoggedEntry,
    ObjectionView,
    ProcessPage,
    ProposalView,
    QuestionView,
    ReactionView,
    RecordField,
    SaidView,
    Seat,
    Spoken,
    ToSign,
)
from issuer.service.models.drafts import (
    Amendment,
    AnswerDraft,
    CircleDraft,
    EvidenceDraft,
    FounderDraft,
    MemberDraft,
)
from issuer.service.models.passkeys import EnrolmentView, PasskeysPage, PasskeyView
from issuer.service.models.people import MailRow, Me, MePage, SetupPage, SignedIn

__all__ = [
    "Amendment",
    "AnswerDraft",
    "AnswerView",
    "ApplicationPage",
    "BadgeCard",
    "BadgePage",
    "CaseRow",
    "CheckItem",
    "CheckWord",
    "CircleCard",
    "CircleDraft",
    "CirclePage",
    "Claim",
    "CredentialPage",
    "DecisionPage",
    "EnrolmentView",
    "Evaluation",
    "EvidenceDraft",
    "EvidenceItem",
    "FounderDraft",
    "LoggedEntry",
    "MailRow",
    "Me",
    "MePage",
    "MemberDraft",
    "Mode",
    "ObjectionView",
    "PasskeyView",
    "PasskeysPage",
    "Person",
    "ProcessPage",
    "ProposalView",
    "QuestionView",
    "ReactionView",
    "RecordField",
    "RoleHolder",
    "SaidView",
    "Seat",
    "SetupPage",
    "Signed",
    "SignedIn",
    "Spoken",
    "StoryItem",
    "Task",
    "ToSign",
    "WitnessItem",
]
