from lxml import etree
from xml.sax import handler, make_parser


def read(path):
    # secplan-expect
    parser = etree.XMLParser(resolve_entities=True)
    reader = make_parser()
    # secplan-expect
    reader.setFeature(handler.feature_external_ges, True)
    return etree.parse(path, parser), reader
