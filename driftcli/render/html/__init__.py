"""Documents as one HTML page that opens offline: no file, font or script from elsewhere.

`page` puts the templates, the style and the script together. `report` and `timeline` say what they
show, of each column from `column`; the other modules draw. All of it is imported when a page is
made: Jinja2 takes its time.
"""
