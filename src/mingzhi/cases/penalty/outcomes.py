"""What was decided in many cases at once, for lists: the penalty in one line, and whether it stands."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from mingzhi.cases.penalty.proposal import penalty_text
from mingzhi.kernel import clock, money
from mingzhi.procedures import api as procedures


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision: the day, the penalty in words (empty: none was given), amounts in 分."""

    dossier_id: int
    decided_on: date
    text: str
    fine_fen: int
    forfeit_fen: int
    annulled: bool


def outcomes(dossier_ids: Collection[int]) -> list[Outcome]:
    """Decisions of these dossiers, newest first. An annulled one is told as annulled, not left out."""
    found = []
    for dossier_id, steps in procedures.latest_of(dossier_ids, ("decide", "spot_decide", "annul")).items():
        step = steps.get("decide") or steps.get("spot_decide")
        if step is None:
            continue
        facts = step.facts
        fine, forfeit = money.fen(facts.get("fine_yuan") or "0"), money.fen(facts.get("forfeit_yuan") or "0")
        kinds = tuple(facts.get("kinds") or ())
        found.append(
            Outcome(
                dossier_id=dossier_id,
                decided_on=clock.local_date(step.occurred_at),
                text=penalty_text(kinds, fine, forfeit, facts.get("other_penalty") or "") if kinds else "",
                fine_fen=fine,
                forfeit_fen=forfeit,
                annulled="annul" in steps,
            )
        )
    return sorted(found, key=lambda o: (o.decided_on, o.dossier_id), reverse=True)
