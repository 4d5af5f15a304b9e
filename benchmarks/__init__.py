"""Speed and size, side by side with other programs: scripts that print, and assert nothing about time."""
