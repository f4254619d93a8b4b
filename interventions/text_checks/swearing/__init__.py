"""Whether people insult, threaten, swear or solicit, told by language: own lists, whole words, disguises."""

from interventions.text_checks.swearing.finding import solicits, swears

__all__ = ["solicits", "swears"]
