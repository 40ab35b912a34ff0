"""The page in a browser of one size."""

SCREENS = {"desktop": (1280, 800), "phone": (390, 844)}


class Opened:
    """The page in a browser of one size; remembers what it asked for and complained about."""

    def __init__(self, browser, path, size):
        self.asked, self.complaints = [], []
        self.context = browser.new_context(viewport={"width": size[0], "height": size[1]})
        self.context.set_default_timeout(30_000)
        self.context.route("**/*", self.answer)
        self.tab = self.context.new_page()
        self.tab.on("request", lambda request: self.asked.append(request.url))
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.on("console", lambda line: self.complaints.append(line.text))
        self.tab.on("dialog", self.dismiss)
        self.tab.goto(path.as_uri(), wait_until="load")

    def answer(self, route):
        if route.request.url.startswith(("file:", "data:")):
            route.continue_()
        else:
            route.abort()

    def dismiss(self, dialog):
        self.complaints.append(dialog.message)
        dialog.dismiss()

    def ask(self, script):
        return self.tab.evaluate(script)
