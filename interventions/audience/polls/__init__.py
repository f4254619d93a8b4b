"""Polls, quizzes and team challenges: answers, counts, the end."""
