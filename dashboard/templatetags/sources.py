"""Connections as templates write them."""

from django import template

from dashboard.sessions import sources_wording

register = template.Library()
register.filter("source_name", sources_wording.source_name)
register.filter("connection_word", sources_wording.state_word)
register.filter("connection_icon", sources_wording.state_icon)
register.filter("connection_tone", sources_wording.state_tone)
register.filter("advice", sources_wording.advice)
