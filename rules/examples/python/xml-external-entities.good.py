from lxml import etree
from xml.sax import handler, make_parser


def read(path):
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    reader = make_parser()
    reader.setFeature(handler.feature_external_ges, False)
    return etree.parse(path, parser), reader
