#!/usr/bin/env python3
"""make.py CORPUS DIR [--flat]: a Banyan platform in DIR over the shared corpus of gen.py (CORPUS/shared).

The theme, its tier and its overlay (themes/) give the peers' file list; with --flat Banyan's own layout of one file an
item and blocks of years. Static files come from the corpus."""
import json, os, shutil, sys

corpus, out = sys.argv[1:3]
flat = "--flat" in sys.argv
here = os.path.dirname(os.path.abspath(__file__))
os.makedirs(out + "/sites", exist_ok=True)
for part in ("themes", "schemas"):
    shutil.copytree(f"{here}/{part}", f"{out}/{part}", dirs_exist_ok=True)
for name in ("style.css", "app.js"):
    os.makedirs(f"{out}/themes/gov/static", exist_ok=True)
    shutil.copy(f"{corpus}/hugo/themes/gov/static/{name}", f"{out}/themes/gov/static/{name}")
data = json.load(open(corpus + "/shared/sites.json"))
text = """[platform]
name = "bench"

[defaults]
page_size = 20
permalink = "%s"

[defaults.outputs]
feed = "rss.xml"
json_feed = ""
column_feeds = false
site_map = ""
not_found = false
robots = false
sitemap = "one"
lists = "%s"

[tiers.dept]
theme = "gov-tier"
identity = "optional"

[[owner]]
id = "pool"
home = ""
dead_links = "keep"

[[mount]]
path = "%s/shared/content"
owner = "pool"

[[tiers.dept.accept]]
from = ["pool"]
""" % ("/:column/:year/:slug.html" if flat else "/:column/:year/:slug/", "years" if flat else "pages", os.path.abspath(corpus))
for c in data["columns"]:
    text += '\n[[tiers.dept.column]]\nid = "%s"\nname = "%s"\n' % (c["id"], c["name"])
open(out + "/sites.toml", "w").write(text)
for s in data["sites"]:
    n = s["id"][1:]
    open(f'{out}/sites/{s["id"]}.toml', "w").write(
        'name = "%s"\ntier = "dept"\ntheme = "gov-site"\nhosts = ["%s"]\n\n[identity]\ncode = "44010000%s"\naddress = "人民路%s号"\nphone = "010-8800%s"\n'
        % (s["title"], s["host"], n, n, n))
