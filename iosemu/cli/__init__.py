"""What a person at a terminal meets: commands, sessions, the line they type on, configurations as text."""
