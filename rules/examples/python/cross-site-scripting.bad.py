from django.http import HttpResponse
from django.utils.safestring import mark_safe


def search(request):
    term = request.GET.get("q")
    # secplan-expect
    label = mark_safe("<b>" + term + "</b>")
    # secplan-expect
    return HttpResponse("<p>No result for " + request.GET["q"] + "</p>", status=404), label
