import javax.servlet.http.HttpServletRequest;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.expression.spel.support.SimpleEvaluationContext;

class Calc {
  Object price(HttpServletRequest request) {
    SimpleEvaluationContext context = SimpleEvaluationContext.forReadOnlyDataBinding().build();
    context.setVariable("n", request.getParameter("n"));
    return new SpelExpressionParser().parseExpression("#n + 1").getValue(context);
  }
}
