"""Many named submissions that together may cost so much: started, interrupted and taken up again.

The journal knows which items were submitted, so an item is paid for once, whatever happens to the program and however
many of them work on one batch. What is done next is decided here, without I/O; the two iterators only drive it.
"""
