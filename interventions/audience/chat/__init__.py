"""The chat: lines, rules, moderation."""
