"""卷内材料齐全 for what is reviewed outside the penalty procedure (R062, R087).

A matter is asked for the papers of the steps it took; the text that was decided on came with its
registration or its last revision. What is printed after the decision is added to the archived dossier.
"""

from __future__ import annotations

from mingzhi.cases.core import archiving, review_guards
from mingzhi.cases.core.archiving import Paper, took

PAPERS = (
    Paper(("P12SG",), "重大执法决定法制审核送审表", took("review_submit"), review_guards.ACTION),
    Paper(("P12OG",), "重大执法决定法制审核意见书", took("review_opine"), review_guards.ACTION),
)
DOSSIER_COMPLETE = archiving.complete("R087-MAT", "档案法第十四条", PAPERS)
