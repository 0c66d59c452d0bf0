import java.io.InputStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.stream.XMLInputFactory;
import org.w3c.dom.Document;

class Orders {
  Document read(InputStream raw) throws Exception {
    // secplan-expect
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setNamespaceAware(true);
    return factory.newDocumentBuilder().parse(raw);
  }

  Object stream(InputStream raw) throws Exception {
    // secplan-expect
    XMLInputFactory factory = XMLInputFactory.newInstance();
    return factory.createXMLStreamReader(raw);
  }
}
