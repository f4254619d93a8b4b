"""Whether people insult, threaten, swear or solicit, told by language: own lists, whole words, disguises."""

from interventions.text_checks.swearing.finding import classes, solicits, swears, without_quoted

__all__ = ["classes", "solicits", "swears", "without_quoted"]
