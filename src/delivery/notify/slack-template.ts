/** Slack's Block Kit. `text` is what notifications and screen readers get. */
export const SLACK_TEMPLATE = {
  text: '{{name | slack}} ({{profile | slack}}): {{headline | slack}}',
  blocks: [
    { type: 'header', text: { type: 'plain_text', text: '{{name}}: {{verdict | upper}}' } },
    { type: 'section', text: { type: 'mrkdwn', text: '*{{headline | slack}}*' } },
    {
      type: 'context',
      elements: [
        {
          type: 'mrkdwn',
          text: 'profile {{profile | slack}} · bundle {{bundle | slack}} · commit {{commit | slack}} · critical {{counts.critical}}, high {{counts.high}}, medium {{counts.medium}}, low {{counts.low}}',
        },
      ],
    },
    {
      $if: 'budgetText',
      item: { type: 'section', text: { type: 'mrkdwn', text: '*Budgets*\n{{budgetText}}' } },
    },
    {
      $if: 'findingText',
      item: {
        type: 'section',
        text: { type: 'mrkdwn', text: '*{{findings.count}} findings ({{findings.shown}})*\n{{findingText}}' },
      },
    },
    {
      $if: 'notRunText',
      item: { type: 'section', text: { type: 'mrkdwn', text: '*Did not run*\n{{notRunText}}' } },
    },
    { $if: 'linkText', item: { type: 'section', text: { type: 'mrkdwn', text: '{{linkText}}' } } },
    {
      $if: 'undeliveredText',
      item: { type: 'section', text: { type: 'mrkdwn', text: '*Not delivered*\n{{undeliveredText}}' } },
    },
  ],
} as const;
