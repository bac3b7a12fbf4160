"""Archives: threads and experience reports of another place, read and brought in.

The format is in docs/import.md. An archive is read twice: once to check every line and to learn who
wrote (`survey`), and once to send it (`bringing_in`); neither holds more of it than a few threads.
"""
