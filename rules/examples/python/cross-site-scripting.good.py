from html import escape

from django.http import HttpResponse


def search(request):
    term = escape(request.GET.get("q"))
    return HttpResponse("<p>No result for " + term + "</p>")
