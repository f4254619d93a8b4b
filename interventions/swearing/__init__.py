"""Whether people insult, threaten or swear, told by language: own lists, whole words, disguises."""

from interventions.swearing.finding import swears

__all__ = ["swears"]
