"""The structural rules: small pure functions, one file a reason."""

from __future__ import annotations

from typing import Final

from tasks.engines.rules.acronyms import check_acronyms
from tasks.engines.rules.agreement import check_agreement
from tasks.engines.rules.announced import check_announced
from tasks.engines.rules.arithmetic import check_percentages
from tasks.engines.rules.counts import check_counts
from tasks.engines.rules.headings import check_headings
from tasks.engines.rules.hidden import check_hidden
from tasks.engines.rules.placeholders import check_placeholders
from tasks.engines.rules.references import check_references
from tasks.engines.rules.rule import Check
from tasks.engines.rules.sentences import check_length, check_repetition
from tasks.engines.rules.shares import check_shares
from tasks.engines.rules.sums import check_sums
from tasks.engines.rules.terms import check_terms
from tasks.engines.rules.usage import check_usage
from tasks.engines.rules.wordiness import check_wordiness

STRUCTURAL_CHECKS: Final = (
    Check("hidden", "Looking for hidden text", check_hidden),
    Check("placeholders", "Looking for placeholders", check_placeholders),
    Check("terms", "Following your word lists", check_terms),
    Check("percentages", "Checking the arithmetic", check_percentages),
    Check("shares", "Checking the arithmetic", check_shares),
    Check("sums", "Adding up", check_sums),
    Check("announced", "Counting lists", check_announced),
    Check("counts", "Comparing counts", check_counts),
    Check("references", "Following references", check_references),
    Check("acronyms", "Looking up acronyms", check_acronyms),
    Check("agreement", "Matching subjects and verbs", check_agreement, english=True),
    Check("usage", "Looking for common slips", check_usage, english=True),
    Check("wordiness", "Looking for long-winded phrases", check_wordiness, english=True),
    Check("repetition", "Looking for repeated sentences", check_repetition),
    Check("length", "Measuring sentences", check_length),
    Check("headings", "Checking the outline", check_headings),
)
"""In the order in which they run: what costs least comes first, so that the first finding comes soon."""
