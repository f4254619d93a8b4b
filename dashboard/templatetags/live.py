"""The live page as its template puts it together."""

from django import template

from dashboard.live import page_fragments

register = template.Library()
register.simple_tag(page_fragments.part, takes_context=True)
