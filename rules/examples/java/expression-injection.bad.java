import javax.script.ScriptEngine;
import javax.servlet.http.HttpServletRequest;
import org.springframework.expression.spel.standard.SpelExpressionParser;

class Calc {
  Object price(HttpServletRequest request) {
    // secplan-expect
    return new SpelExpressionParser().parseExpression(request.getParameter("rule")).getValue();
  }

  Object script(HttpServletRequest request, ScriptEngine engine) throws Exception {
    String text = "1 + " + request.getParameter("n");
    // secplan-expect
    return engine.eval(text);
  }
}
