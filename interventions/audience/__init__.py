"""What reaches the people in the room, and what they answer: frames, votes, questions, challenges."""
