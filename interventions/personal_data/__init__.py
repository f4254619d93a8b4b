"""What is kept of one person: shown to her, erased at her wish, left out by an organizer."""
