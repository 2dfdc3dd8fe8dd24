"""What rows of many columns together show: tests and bounds by functions that were fitted to them.

Whatever is fitted is judged on rows that it has not seen. Which rows those are is said in
`dealing` alone, by single rows or by whole blocks of rows that move together.
"""
